using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;

namespace Changeover.Mutation;

/// <summary>
/// The tests that a mutant has to survive, out of the test assembly as it is built. That assembly is loaded anew for every mutant, so that
/// nothing it keeps from one is there for the next; Core, program and libraries are loaded once.
/// </summary>
internal sealed class Scenarios
{
    /// <summary>Not what decides but what is slow, asks a real file system, or is about other parts.</summary>
    private static readonly string[] LeftOut = ["RehearsalTests", "JournalFaultTests", "WholeNightTests", "CoverageDocTests"];

    private static readonly string[] Folders = ["Golden", "Planning", "Running", "Knowledge", "Simulation"];

    private readonly string tests;
    private readonly Type mutant;
    private AssemblyLoadContext? context;
    private Assembly? assembly;

    /// <param name="tests">Folder of the built test assembly.</param>
    /// <param name="core">The mutated Core.</param>
    public Scenarios(string tests, string core)
    {
        this.tests = tests;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            Path.Combine(tests, $"{name.Name}.dll") is var path && File.Exists(path) ? context.LoadFromAssemblyPath(name.Name == "Changeover.Core" ? core : path) : null;
        mutant = Assembly.Load("Changeover.Core").GetType("Changeover.Mutant")!;
    }

    /// <summary>Forgets what the tests have kept.</summary>
    public void Renew()
    {
        context?.Unload();
        context = new("tests", isCollectible: true);
        assembly = context.LoadFromAssemblyPath(Path.Combine(tests, "Changeover.Tests.dll"));
    }

    /// <summary>Names of all tests, one a row of data.</summary>
    public string[] All()
    {
        Renew();
        string[] all =
        [
            .. from type in assembly!.GetTypes()
               where type is { IsPublic: true, IsAbstract: false } && Folders.Any(f => type.Namespace == $"Changeover.Tests.{f}") && !LeftOut.Contains(type.Name)
               from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
               where IsTest(method)
               from row in Enumerable.Range(0, Rows(method).Count())
               select string.Create(CultureInfo.InvariantCulture, $"{type.FullName}/{method.Name}/{row}"),
        ];
        return [.. all.Order(StringComparer.Ordinal)];
    }

    /// <summary>Which mutants it reaches, and in how many turns; null: it fails without any mutant.</summary>
    public (bool[] Reached, long Turns)? Reach(string test, int mutants)
    {
        Renew();
        var reached = new bool[mutants];
        Set("Reached", reached);
        var failed = Play(test, -1, long.MaxValue);
        Set("Reached", null);
        return failed is null ? (reached, long.MaxValue - (long)mutant.GetField("Left")!.GetValue(null)!) : null;
    }

    /// <summary>Why it fails with this mutant; null: it passes.</summary>
    public string? Play(string test, int active, long turns)
    {
        Set("Active", active);
        Set("Left", turns);
        try
        {
            var parts = test.Split('/');
            var type = assembly!.GetType(parts[0], throwOnError: true)!;
            var method = type.GetMethods().Single(m => m.Name == parts[1] && IsTest(m));
            var row = Rows(method).ElementAt(int.Parse(parts[2], CultureInfo.InvariantCulture));
            var target = method.IsStatic ? null : Activator.CreateInstance(type);
            try
            {
                if (method.Invoke(target, row) is Task task)
                    task.GetAwaiter().GetResult();
            }
            finally
            {
                (target as IDisposable)?.Dispose();
            }
            return null;
        }
        catch (Exception e)
        {
            while (e is TargetInvocationException or TypeInitializationException or AggregateException && e.InnerException is { } inner)
                e = inner;
            return $"{e.GetType().Name}: {e.Message}";
        }
        finally
        {
            Set("Active", -1);
        }
    }

    private void Set(string field, object? value) => mutant.GetField(field)!.SetValue(null, value);

    private static bool IsTest(MethodInfo method) => method.CustomAttributes.Any(a => a.AttributeType.Name is "FactAttribute" or "TheoryAttribute");

    private static IEnumerable<object?[]> Rows(MethodInfo method)
    {
        if (method.GetParameters().Length == 0)
            return [[]];
        return method.GetCustomAttributes().SelectMany(attribute => attribute.GetType().Name switch
        {
            "InlineDataAttribute" => [(object?[])attribute.GetType().GetProperty("Data")!.GetValue(attribute)!],
            "MemberDataAttribute" => Member(method.DeclaringType!, (string)attribute.GetType().GetProperty("MemberName")!.GetValue(attribute)!),
            _ => [],
        });
    }

    private static IEnumerable<object?[]> Member(Type type, string name)
    {
        const BindingFlags Any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        var all = type.GetProperty(name, Any)?.GetValue(null) ?? type.GetField(name, Any)?.GetValue(null) ?? type.GetMethod(name, Any)!.Invoke(null, null)!;
        return ((IEnumerable)all).Cast<object>().Select(row => row as object?[] ?? (object?[])row.GetType().GetInterface("ITheoryDataRow")!.GetMethod("GetData")!.Invoke(row, null)!);
    }
}
