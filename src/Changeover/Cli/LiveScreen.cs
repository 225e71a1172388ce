using Changeover.Reporting;
using Changeover.Running;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Changeover.Cli;

/// <summary>The run on a terminal: what must always be in view, at any width from 60 columns.</summary>
public static class LiveScreen
{
    private const int WaitingMax = 8;

    public static IRenderable Render(RunState state, IReadOnlyList<string> log)
    {
        var view = RunView.Of(state);
        var rows = new List<IRenderable>();
        foreach (var line in log)
            rows.Add(new Text(line, line.Contains("HALTED", StringComparison.Ordinal) ? new Style(Color.Red) : new Style(Color.Grey)));
        rows.Add(new Rule($"{state.Plan.Goal} {view.Done}/{view.Total}").LeftJustified());
        rows.Add(new Text(
            $"writer {Known(view.Writer)}   {string.Join("   ", view.Holders.Select(h => $"{h.Pair} {Known(h.Machine)}"))}"));
        rows.Add(view.Interruption is { } gone
            ? new Text($"callers {(view.Interrupted ? "without service for" : "served again; were without for")} {RunText.Span(gone)}", new Style(view.Interrupted ? Color.Yellow : Color.Green))
            : new Text("callers served", new Style(Color.Green)));
        foreach (var w in view.Waiting.Take(WaitingMax))
        {
            rows.Add(new Text($"{(w.Status == StepStatus.Verifying ? ">" : w.Status == StepStatus.Acting ? "!" : "?")} {w.Title}  {RunText.Span(w.For)}{(w.Expected > TimeSpan.Zero ? $" of about {RunText.Span(w.Expected)}" : "")}"));
            if (w.Reason.Length > 0)
                rows.Add(new Text($"    {w.Reason}", new Style(Color.Grey)));
        }
        if (view.Waiting.Length > WaitingMax)
            rows.Add(new Text($"  and {view.Waiting.Length - WaitingMax} more"));
        foreach (var p in view.Persons)
            rows.Add(new Text($"YOU  {p.Instruction}\n     then: changeover decide {state.Run} {p.Step} confirm", new Style(Color.Aqua)));
        foreach (var h in view.Halts)
        {
            rows.Add(new Text($"HALTED  {h.Step}: {h.Title}", new Style(Color.Red)));
            foreach (var f in h.Findings.Take(6))
                rows.Add(new Text($"  {f.Message}", new Style(Color.Red)));
            rows.Add(new Text($"  answers: {RunText.Answers(h)}"));
        }
        if (view.Next.Length > 0)
            rows.Add(new Text($"next: {string.Join("; ", view.Next.Select(s => s.Title.ToString()))}", new Style(Color.Grey)));
        rows.Add(new Text($"{(view.SafeToLeave ? "safe to leave" : "do not leave")}: {view.LeaveReason}", new Style(view.SafeToLeave ? Color.Grey : Color.Yellow)));
        return new Rows(rows);
    }

    private static string Known(string name) => name.Length > 0 ? name : "unknown";
}
