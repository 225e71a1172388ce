using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Changeover.Mutation;

/// <summary>Compiles the Core once with all mutants of some files in it. What a mutant makes of the code that does not compile is left out.</summary>
internal static partial class MutatedCore
{
    /// <summary>Compiled into the Core: which mutant is on, which are reached, and how many turns are left before it counts as endless.</summary>
    private const string Switch = """
        namespace Changeover;
        internal static class Mutant
        {
            public static int Active = -1;
            public static bool[]? Reached;
            public static long Left = long.MaxValue;
            public static bool Is(int id)
            {
                Step();
                if (Reached is { } reached)
                    reached[id] = true;
                return id == Active;
            }
            public static void Step()
            {
                if (--Left < 0)
                    throw new System.InsufficientExecutionStackException("endless");
            }
        }
        """;

    [GeneratedRegex(@"Mutant\.Is\((\d+)\)")]
    private static partial Regex Question();

    /// <summary>What a build depends on: the same is not built again.</summary>
    public static string Sources(string root, string[] files) => Hash(string.Concat(
        Directory.EnumerateFiles(Path.Combine(root, "src", "Changeover.Core"), "*.cs", SearchOption.AllDirectories)
            // What the SDK writes there changes with every commit.
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(File.ReadAllText).Concat(files)));

    public static Mutant[] Build(string root, string[] files, string into)
    {
        var project = Path.Combine(root, "src", "Changeover.Core");
        var arguments = CSharpCommandLineParser.Default.Parse(CompilerArguments(project), project, null);
        var original = CSharpCompilation.Create(
            arguments.CompilationName,
            arguments.SourceFiles.Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f.Path), arguments.ParseOptions, f.Path, Encoding.UTF8)),
            arguments.MetadataReferences.Select(r => MetadataReference.CreateFromFile(r.Reference, r.Properties)),
            arguments.CompilationOptions.WithGeneralDiagnosticOption(ReportDiagnostic.Suppress).WithOptimizationLevel(OptimizationLevel.Release));
        var generators = arguments.AnalyzerReferences.SelectMany(a => new AnalyzerFileReference(a.FilePath, new Loader()).GetGenerators(LanguageNames.CSharp));
        CSharpGeneratorDriver.Create(generators, parseOptions: arguments.ParseOptions).RunGeneratorsAndUpdateCompilation(original, out var generated, out _);

        var dropped = new HashSet<int>();
        while (true)
        {
            var mutants = new List<Mutant>();
            var next = 0;
            var compilation = generated.AddSyntaxTrees(CSharpSyntaxTree.ParseText(Switch, arguments.ParseOptions));
            foreach (var tree in original.SyntaxTrees)
            {
                var now = tree.GetRoot();
                var name = Path.GetRelativePath(root, tree.FilePath);
                if (files.Contains(name))
                {
                    var mutator = new Mutator(original.GetSemanticModel(tree), name, Hash(tree.ToString()), next, dropped);
                    now = mutator.Visit(now)!;
                    mutants.AddRange(mutator.Mutants);
                    next = mutator.Next;
                }
                compilation = compilation.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(new LoopCounter().Visit(now)!.ToFullString(), arguments.ParseOptions, tree.FilePath, Encoding.UTF8));
            }
            using var image = new MemoryStream();
            var errors = compilation.Emit(image).Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).ToArray();
            if (errors.Length == 0)
            {
                File.WriteAllBytes(Path.Combine(into, "Changeover.Core.dll"), image.ToArray());
                return [.. mutants];
            }
            var bad = errors.SelectMany(Blamed).ToHashSet();
            if (bad.IsSubsetOf(dropped))
                throw new InvalidOperationException($"the mutated Core does not compile: {errors[0]}");
            Console.WriteLine($"{bad.Count} mutants do not compile and are left out, such as: {errors[0]}");
            dropped.UnionWith(bad);
        }
    }

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Mutator.Operators + text)))[..16];

    /// <summary>The mutant in whose changed code the error is; otherwise the innermost around it; otherwise all of the member.</summary>
    private static IEnumerable<int> Blamed(Diagnostic error)
    {
        var node = error.Location.SourceTree!.GetRoot().FindNode(error.Location.SourceSpan, getInnermostNodeForTie: true);
        var around = node.AncestorsAndSelf().OfType<ConditionalExpressionSyntax>().Where(c => c.Condition.ToString().StartsWith("global::Changeover.Mutant.Is", StringComparison.Ordinal)).ToArray();
        if (around.LastOrDefault(c => c.WhenTrue.Span.Contains(node.Span)) is { } changed)
            return [Id(changed.Condition)];
        if (around.FirstOrDefault() is { } innermost)
            return [Id(innermost.Condition)];
        var member = node.AncestorsAndSelf().OfType<MemberDeclarationSyntax>().First();
        return Question().Matches(member.ToString()).Select(m => int.Parse(m.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static int Id(ExpressionSyntax question) => int.Parse(Question().Match(question.ToString()).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What the SDK would call the compiler with.</summary>
    private static IEnumerable<string> CompilerArguments(string project)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = project, RedirectStandardOutput = true };
        // A file that is never there: otherwise a Core that is built already would not be compiled, and nothing be said.
        foreach (var word in (string[])["msbuild", "-t:Compile", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true", "-p:BuildProjectReferences=false", "-p:NonExistentFile=obj/never", "-getItem:CscCommandLineArgs"])
            start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"msbuild did not say how it compiles {project}: {said}");
        return JsonDocument.Parse(said).RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray().Select(a => a.GetProperty("Identity").GetString()!).ToArray();
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
