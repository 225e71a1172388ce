using System.Globalization;
using System.Net;
using System.Text;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>
/// A run's report as a document to keep: Markdown, or one HTML file that needs nothing else. Times are local with their offset,
/// as the people who were there read them.
/// </summary>
public static class ReportText
{
    public static string Markdown(RunHistory run, TimeZoneInfo zone)
    {
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append('\n');
        Line($"# {run.State.Plan.Goal} of cluster {run.State.Plan.Cluster}: {StatusJson.Word(run.State)}");
        Line();
        foreach (var (name, value) in Head(run, zone)) Line($"- {name}: {value}");
        Section("Deviations", run.Deviations.Select(d => $"- {Word(d)}: {d.Step.Title}"), "none: the cluster showed every step");
        if (run.State.Outcome == RunOutcome.Aborted)
            Section("Left behind", LeftBehind.Of(run.State).Lines().Select(l => $"- {l}"), "nothing");
        Section("Halts", run.Halts.Select(h => $"- {Time(h.At, zone)} {h.What}{string.Concat(h.Findings.Select(f => $"\n  - {f.Code.Code}: {f.Message}"))}"), "none");
        Section("Decisions", run.Decisions.Select(d => $"- {Time(d.At, zone)} {d.Who}: {d.Word}, {d.What}{Reason(d, zone)}"), "none");
        Line();
        Line("## Steps");
        Line();
        Line("| began | took | | step | runbook |");
        Line("|---|---|---|---|---|");
        foreach (var s in run.Steps)
            Line($"| {(s.From is { } from ? Time(from, zone) : "")} | {Took(s)} | {Word(s)} | {s.Step.Title.ToString().Replace("|", "\\|", StringComparison.Ordinal)} | {string.Join(' ', s.Step.Covers)} |");
        Section("Exchanges", run.Exchanges.Select(x => $"- {Time(x.At, zone)} {x.Step}{Which(x)}: {Answer(x, zone)}{string.Concat(x.Sent.Select(l => $"\n\n      {l.ReplaceLineEndings("\n      ")}"))}"), "none");
        return text.ToString().TrimEnd();

        void Section(string title, IEnumerable<string> lines, string none)
        {
            Line();
            Line($"## {title}");
            Line();
            var all = lines.ToArray();
            foreach (var line in all.Length > 0 ? all : [none]) Line(line);
        }
    }

    public static string Html(RunHistory run, TimeZoneInfo zone)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        var title = $"{run.State.Plan.Goal}: {StatusJson.Word(run.State)}";
        Line($"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{E(title)}</title><style>{Style}</style></head><body>");
        Line($"<h1>{E(title)}</h1><dl>");
        foreach (var (name, value) in Head(run, zone)) Line($"<dt>{E(name)}</dt><dd>{E(value)}</dd>");
        Line("</dl>");
        List("Deviations", run.Deviations.Select(d => E($"{Word(d)}: {d.Step.Title}")), "none: the cluster showed every step");
        if (run.State.Outcome == RunOutcome.Aborted)
            List("Left behind", LeftBehind.Of(run.State).Lines().Select(E), "nothing");
        List("Halts", run.Halts.Select(h => $"{E($"{Time(h.At, zone)} {h.What}")}{string.Concat(h.Findings.Select(f => $"<br><code>{E(f.Code.Code)}</code> {E(f.Message)}"))}"), "none");
        List("Decisions", run.Decisions.Select(d => E($"{Time(d.At, zone)} {d.Who}: {d.Word}, {d.What}{Reason(d, zone)}")), "none");
        Line("<h2>Steps</h2><table><thead><tr><th>began</th><th>took</th><th></th><th>step</th><th class=\"bar\">when</th><th>runbook</th></tr></thead><tbody>");
        foreach (var gate in run.Steps.GroupBy(s => s.Step.Gate))
        {
            Line($"<tr class=\"gate\"><td colspan=\"6\">{E(gate.Key)}</td></tr>");
            foreach (var s in gate)
                Line($"<tr><td>{(s.From is { } from ? Time(from, zone) : "")}</td><td>{E(Took(s))}</td><td class=\"{Word(s).Replace(' ', '-')}\">{E(Word(s))}</td><td>{Step(s)}</td><td class=\"bar\">{Bar(run, s)}</td><td>{E(string.Join(' ', s.Step.Covers))}</td></tr>");
        }
        Line("</tbody></table></body></html>");
        return text.ToString().TrimEnd();

        // What was sent and what came back is behind the title; a file without scripts opens it by itself.
        string Step(StepHistory s) => run.Exchanges.Where(x => x.Step == s.Step.Id).ToArray() is { Length: > 0 } own
            ? $"<details><summary>{E(s.Step.Title.ToString())}</summary>{string.Concat(own.Select(x => $"<p>{E($"{Time(x.At, zone)}{Which(x)}: {Answer(x, zone)}")}</p>{(x.Sent.IsEmpty ? "" : $"<pre>{E(string.Join('\n', x.Sent))}</pre>")}"))}</details>"
            : E(s.Step.Title.ToString());

        void List(string heading, IEnumerable<string> items, string none)
        {
            var all = items.ToArray();
            Line($"<h2>{heading}</h2>{(all.Length > 0 ? $"<ul><li>{string.Join("</li><li>", all)}</li></ul>" : $"<p>{E(none)}</p>")}");
        }
    }

    private static IEnumerable<(string Name, string Value)> Head(RunHistory run, TimeZoneInfo zone)
    {
        var state = run.State;
        yield return ("run", state.Run);
        yield return ("maintenance", state.Plan.Maintenance);
        yield return ("began", Full(state.StartedAt, zone));
        yield return (state.IsOver ? "ended" : "last known", Full(run.Until, zone));
        yield return ("took", RunText.Span(run.Took));
        yield return ("callers without service", run.Interruption is { } gone ? $"{RunText.Span(gone)}, by the run's own clock, from the first service stopped until all serve again" : "not interrupted by this run");
        foreach (var measured in run.Measured)
            yield return ("measured from outside", measured.ToString());
        if (run.AsFound is { } asFound)
            yield return ("as found", asFound ? "nothing differs" : "differs, or was not looked at");
        yield return ("controller", state.Controller + (run.Resumed.Length > 0 ? $", resumed {string.Join(", ", run.Resumed.Select(r => Time(r, zone)))}" : ""));
        yield return ("plan", $"digest {state.Plan.Digest}, rules {state.Plan.RuleVersion}, inventory {state.Plan.InventoryDigest}");
    }

    private static string Word(StepHistory s) => s.Status switch
    {
        StepStatus.Done => s.Outcome switch
        {
            StepOutcome.FoundSo => "so already",
            StepOutcome.Accepted => "accepted",
            _ => "done",
        },
        StepStatus.Waiting => "not begun",
        StepStatus.Halted => "halted",
        _ => "in doubt",
    };

    private static string Which(ExchangeHistory x) => x.Word switch
    {
        "mend" => $", mend {x.Number}",
        "extend" => ", extended",
        _ => x.Number > 1 ? $", attempt {x.Number}" : "",
    };

    private static string Answer(ExchangeHistory x, TimeZoneInfo zone) => x is { Heard: { } heard, HeardAt: { } at }
        ? $"{RunText.Said(heard)}, {Time(at, zone)}"
        : "nothing that came back is in the journal";

    private static string Took(StepHistory s) => s.Took is { } took ? RunText.Span(took) + (s.Attempts > 1 ? $", {s.Attempts} attempts" : "") : "";

    private static string Reason(DecisionHistory d, TimeZoneInfo zone) =>
        (d.Reason.Length > 0 ? $" ({d.Reason})" : "") + (d.Confirmed is { } c ? $", {RunText.Confirmed(c, zone)}" : "");

    private static string Bar(RunHistory run, StepHistory s)
    {
        if (s.From is not { } from || run.Took <= TimeSpan.Zero)
            return "";
        var left = (from - run.State.StartedAt) / run.Took * 100;
        var width = Math.Max(0.3, ((s.Until ?? run.Until) - from) / run.Took * 100);
        return string.Create(CultureInfo.InvariantCulture, $"<i style=\"margin-left:{Math.Clamp(left, 0, 99.7):0.##}%;width:{Math.Min(width, 100 - Math.Clamp(left, 0, 99.7)):0.##}%\"></i>");
    }

    private static string Time(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Full(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private static string E(string text) => WebUtility.HtmlEncode(text);

    private const string Style = """
        :root{color-scheme:light dark}body{font:15px/1.4 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{opacity:.7}dd{margin:0}
        table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{text-align:left;padding:.15rem .5rem;vertical-align:top;border-bottom:1px solid #8883}
        tr.gate td{font-weight:600;padding-top:.8rem}td.bar,th.bar{width:25%}td.bar i{display:block;height:.8rem;background:#3b82f6;border-radius:2px}
        td.halted,td.in-doubt,td.accepted,td.left-out{font-weight:600;color:#c2410c}code{font-size:.85em}
        summary{cursor:pointer}details p{margin:.3rem 0 0;opacity:.8}pre{margin:.2rem 0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85em;background:#8881;padding:.3rem .5rem}
        @media print{body{max-width:none}}
        """;
}
