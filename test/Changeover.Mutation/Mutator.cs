using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Changeover.Mutation;

/// <param name="Id">Which one is on is asked by this number.</param>
/// <param name="Number">In its file, from 0: with the file's hash it names the mutant from one run to the next.</param>
/// <param name="Kind">The operator.</param>
internal sealed record Mutant(int Id, string File, string Hash, int Number, int Line, string Kind, string Was, string Is);

/// <summary>Writes all mutants of a file into it, each behind a question whether it is the one that is on.</summary>
/// <param name="first">Number of the first one.</param>
/// <param name="dropped">Mutants that do not compile.</param>
internal sealed class Mutator(SemanticModel model, string file, string hash, int first, IReadOnlySet<int> dropped) : CSharpSyntaxRewriter
{
    /// <summary>Changes when an operator does: then kept results say nothing any more.</summary>
    public const string Operators = "1";

    private readonly List<Mutant> all = [];

    /// <summary>Those that were written.</summary>
    public IEnumerable<Mutant> Mutants => all.Where(m => !dropped.Contains(m.Id));

    public int Next => first + all.Count;

    public static string Question(int id) => string.Create(CultureInfo.InvariantCulture, $"global::Changeover.Mutant.Is({id})");

    /// <summary>The number of a new mutant; null: it is dropped.</summary>
    private string? New(SyntaxNode at, string kind, string now)
    {
        var id = Next;
        all.Add(new(id, file, hash, all.Count, at.GetLocation().GetLineSpan().StartLinePosition.Line + 1, kind, Short(at.ToString()), Short(now)));
        return dropped.Contains(id) ? null : Question(id);
    }

    private static string Short(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) is var one && one.Length > 90 ? one[..90] + "…" : one;

    private static ExpressionSyntax Parse(string text) => SyntaxFactory.ParseExpression(text);

    /// <summary>What else an expression could be.</summary>
    private ExpressionSyntax Choose(ExpressionSyntax node, ExpressionSyntax now, string kind, string other, string? shown = null) =>
        New(node, kind, shown ?? other) is { } question ? Parse($"({question} ? ({other}) : {now})").WithTriviaFrom(node) : now;

    // ---- what is left as it is: it is no code that runs, or has to be constant -------------------------------------------

    public override SyntaxNode? VisitAttributeList(AttributeListSyntax node) => node;

    public override SyntaxNode? VisitEnumDeclaration(EnumDeclarationSyntax node) => node;

    public override SyntaxNode? VisitParameter(ParameterSyntax node) => node;

    public override SyntaxNode? VisitConstantPattern(ConstantPatternSyntax node) => node;

    public override SyntaxNode? VisitRelationalPattern(RelationalPatternSyntax node) => node;

    public override SyntaxNode? VisitCaseSwitchLabel(CaseSwitchLabelSyntax node) => node;

    public override SyntaxNode? VisitGotoStatement(GotoStatementSyntax node) => node;

    public override SyntaxNode? VisitThrowStatement(ThrowStatementSyntax node) => node;

    public override SyntaxNode? VisitThrowExpression(ThrowExpressionSyntax node) => node;

    /// <summary>A value that is made once would keep the mutant that was on then: it is made anew every time.</summary>
    public override SyntaxNode? VisitFieldDeclaration(FieldDeclarationSyntax node)
    {
        var isConstant = node.Modifiers.Any(SyntaxKind.ConstKeyword);
        if ((!isConstant && !node.Modifiers.Any(SyntaxKind.StaticKeyword)) || node.Declaration.Variables is not [{ Initializer.Value: var value } variable])
            return isConstant ? node : base.VisitFieldDeclaration(node);
        if (isConstant && (value is not LiteralExpressionSyntax literal || !literal.IsKind(SyntaxKind.NumericLiteralExpression) || !node.Modifiers.Any(SyntaxKind.PrivateKeyword)))
            return node;
        var now = (ExpressionSyntax)Visit(value)!;
        if (now.ToString() == value.ToString())
            return node;
        var modifiers = string.Join(' ', node.Modifiers.Where(m => !m.IsKind(SyntaxKind.ReadOnlyKeyword)).Select(m => m.IsKind(SyntaxKind.ConstKeyword) ? "static" : m.Text));
        return SyntaxFactory.ParseMemberDeclaration($"{modifiers} {node.Declaration.Type} {variable.Identifier.Text} => {now};\n");
    }

    // ---- statements ------------------------------------------------------------------------------------------------------

    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        var now = (StatementSyntax)base.VisitExpressionStatement(node)!;
        if (node.Expression is not (InvocationExpressionSyntax or AssignmentExpressionSyntax) || Declares(node) || IsFirstValue(node.Expression))
            return now;
        return Without(node, now);
    }

    public override SyntaxNode? VisitYieldStatement(YieldStatementSyntax node)
    {
        var now = (StatementSyntax)base.VisitYieldStatement(node)!;
        return node.Expression is null ? now : Without(node, now);
    }

    private StatementSyntax Without(StatementSyntax node, StatementSyntax now) =>
        New(node, "statement removed", "") is { } question ? SyntaxFactory.ParseStatement($"{{ if (!{question}) {{ {now} }} }}\n") : now;

    /// <summary>A variable that has no value before: without it the code does not compile.</summary>
    private bool IsFirstValue(ExpressionSyntax expression) =>
        expression is AssignmentExpressionSyntax { Left: var left } && (left is not (IdentifierNameSyntax or MemberAccessExpressionSyntax or ElementAccessExpressionSyntax)
            || (model.GetSymbolInfo(left).Symbol is ILocalSymbol local && local.DeclaringSyntaxReferences[0].GetSyntax() is VariableDeclaratorSyntax { Initializer: null }));

    /// <summary>It gives names that are used outside of it: it cannot stand there twice.</summary>
    private static bool Declares(SyntaxNode node) =>
        node.DescendantNodes(n => n is not AnonymousFunctionExpressionSyntax).Any(n => n is SingleVariableDesignationSyntax or QueryExpressionSyntax);

    // ---- expressions -----------------------------------------------------------------------------------------------------

    public override SyntaxNode? Visit(SyntaxNode? node)
    {
        if (node is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "nameof" } })
            return node;
        var now = base.Visit(node);
        if (node is not ExpressionSyntax e || now is not ExpressionSyntax changed || node.Parent is null)
            return now;
        return Truth(e, Value(e, changed));
    }

    private ExpressionSyntax Value(ExpressionSyntax e, ExpressionSyntax now)
    {
        switch (e)
        {
            case LiteralExpressionSyntax when e.IsKind(SyntaxKind.NumericLiteralExpression):
                return Choose(e, now, "number", $"{e} + 1");
            case LiteralExpressionSyntax when e.IsKind(SyntaxKind.TrueLiteralExpression) || e.IsKind(SyntaxKind.FalseLiteralExpression):
                return Choose(e, now, "truth value", e.IsKind(SyntaxKind.TrueLiteralExpression) ? "false" : "true");
            case MemberAccessExpressionSyntax when e.Parent is not BinaryExpressionSyntax && model.GetSymbolInfo(e).Symbol is IFieldSymbol { ContainingType: { TypeKind: TypeKind.Enum } type } member:
                var members = type.GetMembers().OfType<IFieldSymbol>().ToArray();
                return Choose(e, now, "other member", $"{type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}.{members[(Array.IndexOf(members, member) + 1) % members.Length].Name}");
            case BinaryExpressionSyntax binary when !Declares(e):
                return Binary(binary, now);
            case IsPatternExpressionSyntax pattern when !Declares(e):
                foreach (var part in pattern.Pattern.DescendantNodesAndSelf())
                {
                    foreach (var other in Fewer(part))
                        now = Choose(e, now, "part of a pattern removed", e.ReplaceNode(part, other).ToString());
                }
                return now;
            case WithExpressionSyntax with when !Declares(e):
                foreach (var set in with.Initializer.Expressions)
                    now = Choose(e, now, "change removed", with.WithInitializer(with.Initializer.RemoveNode(set, SyntaxRemoveOptions.KeepNoTrivia)!).ToString(), $"without {Short(set.ToString())}");
                return now;
            case AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax { Parent: BaseObjectCreationExpressionSyntax } } set
                when set.Right is not LiteralExpressionSyntax && set.Left is IdentifierNameSyntax { Identifier.Text: not ("Id" or "Title" or "Gate") } && now is AssignmentExpressionSyntax changed:
                return New(e, "property left out", "") is { } left ? changed.WithRight(Parse($"{left} ? default! : {changed.Right}")) : now;
            case CollectionExpressionSyntax collection when model.GetTypeInfo(e).ConvertedType is { } type && ElementOf(type) is { } element:
                return Parse(Elements(collection, (CollectionExpressionSyntax)now, element)).WithTriviaFrom(e);
            case ObjectCreationExpressionSyntax { Initializer: { } list } when list.IsKind(SyntaxKind.CollectionInitializerExpression) && model.GetTypeInfo(e).Type is INamedTypeSymbol { Name: "List" } type:
                return List(list, ((ObjectCreationExpressionSyntax)now).Initializer!, type);
            case InvocationExpressionSyntax call when model.GetSymbolInfo(call).Symbol is IMethodSymbol { Name: "And" } and && call.ArgumentList.Arguments.Count > 1:
                var parts = ((InvocationExpressionSyntax)now).ArgumentList.Arguments.Select((a, i) => Optional(call.ArgumentList.Arguments[i], $"{a}", and.ReturnType));
                return ((InvocationExpressionSyntax)now).WithArgumentList(SyntaxFactory.ParseArgumentList($"([{string.Join(", ", parts)}])"));
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: var receiver, Name.Identifier.Text: "Concat" or "Except" or "Append" or "Where" or "Take" } } when !Declares(e) && model.GetSymbolInfo(e).Symbol is { ContainingType.Name: "Enumerable" }:
                return Choose(e, now, "call removed", receiver.ToString());
            default:
                return now;
        }
    }

    private ExpressionSyntax Binary(BinaryExpressionSyntax e, ExpressionSyntax now)
    {
        string Other(string sign) => $"{e.Left} {sign} {e.Right}";
        switch (e.Kind())
        {
            case SyntaxKind.LessThanExpression:
                return Choose(e, now, "bound", Other("<="));
            case SyntaxKind.LessThanOrEqualExpression:
                return Choose(e, now, "bound", Other("<"));
            case SyntaxKind.GreaterThanExpression:
                return Choose(e, now, "bound", Other(">="));
            case SyntaxKind.GreaterThanOrEqualExpression:
                return Choose(e, now, "bound", Other(">"));
            case SyntaxKind.AddExpression when model.GetTypeInfo(e).Type?.SpecialType != SpecialType.System_String:
                return Choose(e, now, "arithmetic", Other("-"));
            case SyntaxKind.SubtractExpression:
                return Choose(e, now, "arithmetic", Other("+"));
            case SyntaxKind.CoalesceExpression when e.Right is not ThrowExpressionSyntax:
                now = Choose(e, now, "other side", $"{e.Right}");
                return Choose(e, now, "other side", model.GetTypeInfo(e.Left).Type is { IsValueType: true } ? $"({e.Left}).GetValueOrDefault()" : $"({e.Left})!");
            default:
                return now;
        }
    }

    /// <summary>Never true, never false: of the parts of "and" only never false, of "or" only never true, the rest is the same as the whole.</summary>
    private ExpressionSyntax Truth(ExpressionSyntax e, ExpressionSyntax now)
    {
        if (e is LiteralExpressionSyntax or AssignmentExpressionSyntax or ParenthesizedExpressionSyntax or ConditionalExpressionSyntax or SwitchExpressionSyntax or AwaitExpressionSyntax
            || model.GetTypeInfo(e).Type?.SpecialType != SpecialType.System_Boolean || model.GetConstantValue(e).HasValue || model.GetSymbolInfo(e).Symbol is ITypeSymbol or INamespaceSymbol
            || e.Parent is MemberAccessExpressionSyntax or NameColonSyntax or AssignmentExpressionSyntax { Parent: not InitializerExpressionSyntax } or PrefixUnaryExpressionSyntax
            || (e is IdentifierNameSyntax && e.Parent is ArgumentSyntax or AssignmentExpressionSyntax))
            return now;
        var parent = e.Parent;
        while (parent is ParenthesizedExpressionSyntax)
            parent = parent.Parent;
        var (inAnd, inOr) = (parent.IsKind(SyntaxKind.LogicalAndExpression), parent.IsKind(SyntaxKind.LogicalOrExpression));
        var (isAnd, isOr) = (e.IsKind(SyntaxKind.LogicalAndExpression), e.IsKind(SyntaxKind.LogicalOrExpression));
        var declares = Declares(e);
        var isNot = declares && e is IsPatternExpressionSyntax { Pattern: UnaryPatternSyntax };
        // What it names when it is true has no value when it is made true.
        if (!isAnd && !inOr && (!declares || isNot) && New(e, "always true", "true") is { } yes)
            now = Parse($"(({now}) || {yes})").WithTriviaFrom(e);
        if (!isOr && !inAnd && (!declares || !isNot) && New(e, "never true", "false") is { } no)
            now = Parse($"(({now}) && !{no})").WithTriviaFrom(e);
        return now;
    }

    private static IEnumerable<SyntaxNode> Fewer(SyntaxNode part) => part switch
    {
        BinaryPatternSyntax two => [two.Left, two.Right],
        PropertyPatternClauseSyntax { Subpatterns.Count: > 1 } clause => clause.Subpatterns.Select(s => clause.RemoveNode(s, SyntaxRemoveOptions.KeepNoTrivia)!),
        _ => [],
    };

    // ---- elements --------------------------------------------------------------------------------------------------------

    private static ITypeSymbol? ElementOf(ITypeSymbol type) => type is IArrayTypeSymbol array
        ? array.ElementType
        : new[] { type }.Concat(type.AllInterfaces).OfType<INamedTypeSymbol>().FirstOrDefault(i => i.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)?.TypeArguments[0];

    private string Elements(CollectionExpressionSyntax was, CollectionExpressionSyntax now, ITypeSymbol type) =>
        $"[{string.Join(", ", now.Elements.Select((e, i) => (was.Elements[i], e) switch
        {
            (ExpressionElementSyntax a, ExpressionElementSyntax b) => Optional(a, $"{b}", type),
            (SpreadElementSyntax a, SpreadElementSyntax b) when model.GetTypeInfo(a.Expression).Type is { } all && ElementOf(all) is { } element => OptionalAll(a, $"{b.Expression}", element),
            _ => $"{e}",
        }))}]";

    private ExpressionSyntax List(InitializerExpressionSyntax was, InitializerExpressionSyntax now, INamedTypeSymbol type)
    {
        var elements = now.Expressions.Select((e, i) => Optional(was.Expressions[i], $"{e}", type.TypeArguments[0]));
        return Parse($"new {Name(type)}(({Name(type.TypeArguments[0])}[])[{string.Join(", ", elements)}])");
    }

    private string Optional(SyntaxNode was, string now, ITypeSymbol type) => New(was, "element removed", "") is { } question
        ? $".. ({question} ? global::System.Array.Empty<{Name(type)}>() : new {Name(type)}[] {{ {now} }})"
        : now;

    private string OptionalAll(SpreadElementSyntax was, string now, ITypeSymbol type) => New(was, "element removed", "") is { } question
        ? $".. ({question} ? global::System.Array.Empty<{Name(type)}>() : (global::System.Collections.Generic.IEnumerable<{Name(type)}>)({now}))"
        : $".. {now}";

    private static string Name(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));
}

/// <summary>Every turn of every loop is counted: what does not end is seen without a clock.</summary>
internal sealed class LoopCounter : CSharpSyntaxRewriter
{
    private static BlockSyntax Counted(StatementSyntax body) =>
        SyntaxFactory.Block(SyntaxFactory.ParseStatement("global::Changeover.Mutant.Step();\n"), body);

    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node) => base.VisitWhileStatement(node) is WhileStatementSyntax now ? now.WithStatement(Counted(now.Statement)) : node;

    public override SyntaxNode? VisitForStatement(ForStatementSyntax node) => base.VisitForStatement(node) is ForStatementSyntax now ? now.WithStatement(Counted(now.Statement)) : node;

    public override SyntaxNode? VisitForEachStatement(ForEachStatementSyntax node) => base.VisitForEachStatement(node) is ForEachStatementSyntax now ? now.WithStatement(Counted(now.Statement)) : node;

    public override SyntaxNode? VisitDoStatement(DoStatementSyntax node) => base.VisitDoStatement(node) is DoStatementSyntax now ? now.WithStatement(Counted(now.Statement)) : node;
}
