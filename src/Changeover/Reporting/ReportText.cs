using System.Globalization;
using System.Net;
using System.Text;
using Changeover.Findings;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>
/// A run's report: as lines to read at once, or as a document to keep, which is Markdown, or one HTML file that needs nothing else. Times are
/// local with their offset, as the people who were there read them.
/// </summary>
public static class ReportText
{
    /// <summary>Its events one by one, and what it came to.</summary>
    public static string Plain(IEnumerable<RunEvent> events, ImmutableArray<Measured> measured, TimeZoneInfo zone, Language language = Language.English)
    {
        RunState? at = null;
        ImmutableArray<RunEvent> all = [.. events];
        var text = new StringBuilder();
        foreach (var e in all)
        {
            at = Engine.Evolve(at, e);
            if (RunText.Line(at, e, zone, language) is { } line)
                text.AppendLine(line);
        }
        text.AppendLine();
        var run = RunHistory.Of(all) with { Measured = measured };
        var words = new ReportWords(zone, language);
        text.AppendLine(RunReport.Summary(run.State, language));
        if (run.State.Plan.Signed is { } signed)
            text.AppendLine($"  {words.Say("signed for what no run explains")}: {signed.Who} ({signed.Why})");
        // That nothing differs stands in the summary.
        if (run.AsFound.Verdict != AsFoundVerdict.Same)
            text.AppendLine($"  {words.Say("as found")}: {words.AsFoundWhole(run.AsFound)}");
        foreach (var difference in run.AsFound.Findings)
            text.AppendLine($"    {difference.In(language)}");
        if (words.Interruptions(run).ToArray() is { Length: > 0 } interruptions)
        {
            text.AppendLine($"  {words.Say(ReportWords.Clock)}");
            foreach (var line in interruptions)
                text.AppendLine($"    {line}");
        }
        return text.ToString().TrimEnd();
    }

    public static string Markdown(RunHistory run, TimeZoneInfo zone, Language language = Language.English)
    {
        var words = new ReportWords(zone, language);
        string Say(string english) => words.Say(english);
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append('\n');
        Line($"# {Say($"{Say(run.State.Plan.Goal.ToString())} of cluster {run.State.Plan.Cluster}")}: {words.State(run)}");
        Line();
        foreach (var (name, value) in words.Head(run)) Line($"- {name}: {value}");
        Section(Say("Interruption"), words.Interruptions(run).Select(l => $"- {l}"), Say("nothing was stopped or moved by this run"), Say(ReportWords.Clock));
        Section(Say("As found"), run.AsFound.Findings.Select(f => $"- {f.Code.Code}: {f.In(language)}"), words.AsFoundWhole(run.AsFound), words.AsFoundWhole(run.AsFound));
        Section(Say("Deviations"), run.Deviations.Select(d => $"- {words.Deviation(d)}{Under(d.Notes)}"), Say("none: the cluster showed every step"));
        if (run.State.Outcome == RunOutcome.Aborted)
            Section(Say("Left behind"), words.LeftBehind(run).Select(l => $"- {l}"), Say("nothing"));
        Section(Say("Halts"), run.Halts.Select(h => $"- {words.Halt(run, h)}{Under(h.Findings)}"), Say("none"));
        Section(Say("Hold points"), run.Holds.Select(h => $"- {words.Hold(h)}"), Say("none"));
        Section(Say("Decisions"), run.Decisions.Select(d => $"- {words.Decision(run, d)}"), Say("none"));
        Line();
        Line($"## {Say("Steps")}");
        Line();
        Line($"| {Say("began")} | {Say("took")} | | {Say("step")} | {Say("runbook")} |");
        Line("|---|---|---|---|---|");
        foreach (var s in run.Steps)
            Line($"| {(s.From is { } from ? words.Time(from) : "")} | {words.Took(s)} | {words.Word(s)} | {string.Join("<br>", words.Notes(s).Prepend(words.Title(s))).Replace("|", "\\|", StringComparison.Ordinal)} | {string.Join(' ', s.Step.Covers)} |");
        Section(Say("Exchanges"), run.Exchanges.Select(x => $"- {words.Time(x.At)} {x.Step}{words.Which(x)}: {words.Answer(x)}{string.Concat(words.Sent(x).Select(l => $"\n\n      {l.ReplaceLineEndings("\n      ")}"))}"), Say("none"));
        return text.ToString().TrimEnd();

        string Under(ImmutableArray<Finding> findings) => string.Concat(findings.Select(f => $"\n  - {f.Code.Code}: {f.In(language)}"));

        void Section(string title, IEnumerable<string> lines, string none, string before = "")
        {
            Line();
            Line($"## {title}");
            Line();
            var all = lines.ToArray();
            if (before.Length > 0 && all.Length > 0)
            {
                Line(before);
                Line();
            }
            foreach (var line in all.Length > 0 ? all : [none]) Line(line);
        }
    }

    public static string Html(RunHistory run, TimeZoneInfo zone, Language language = Language.English)
    {
        var words = new ReportWords(zone, language);
        string Say(string english) => words.Say(english);
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        var title = $"{Say(run.State.Plan.Goal.ToString())}: {words.State(run)}";
        Line($"<!doctype html><html lang=\"{(language == Language.German ? "de" : "en")}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{E(title)}</title><style>{Style}</style></head><body>");
        Line($"<h1>{E(title)}</h1><dl>");
        foreach (var (name, value) in words.Head(run)) Line($"<dt>{E(name)}</dt><dd>{E(value)}</dd>");
        Line("</dl>");
        List(Say("Interruption"), words.Interruptions(run).Select(E), Say("nothing was stopped or moved by this run"), Say(ReportWords.Clock));
        List(Say("As found"), run.AsFound.Findings.Select(f => $"<code>{E(f.Code.Code)}</code> {E(f.In(language))}"), words.AsFoundWhole(run.AsFound), words.AsFoundWhole(run.AsFound));
        List(Say("Deviations"), run.Deviations.Select(d => $"{E(words.Deviation(d))}{Under(d.Notes)}"), Say("none: the cluster showed every step"));
        if (run.State.Outcome == RunOutcome.Aborted)
            List(Say("Left behind"), words.LeftBehind(run).Select(E), Say("nothing"));
        List(Say("Halts"), run.Halts.Select(h => $"{E(words.Halt(run, h))}{Under(h.Findings)}"), Say("none"));
        List(Say("Hold points"), run.Holds.Select(h => E(words.Hold(h))), Say("none"));
        List(Say("Decisions"), run.Decisions.Select(d => E(words.Decision(run, d))), Say("none"));
        Line($"<h2>{E(Say("Steps"))}</h2><table><thead><tr><th>{E(Say("began"))}</th><th>{E(Say("took"))}</th><th></th><th>{E(Say("step"))}</th><th class=\"bar\">{E(Say("when"))}</th><th>{E(Say("runbook"))}</th></tr></thead><tbody>");
        foreach (var gate in run.Steps.GroupBy(s => s.Step.Gate))
        {
            Line($"<tr class=\"gate\"><td colspan=\"6\">{E(words.Language.Word(gate.Key))}</td></tr>");
            foreach (var s in gate)
                Line($"<tr><td>{(s.From is { } from ? words.Time(from) : "")}</td><td>{E(words.Took(s))}</td><td class=\"{ReportWords.English(s).Replace(' ', '-')}\">{E(words.Word(s))}</td><td>{Step(s)}{string.Concat(words.Notes(s).Select(n => $"<p class=\"note\">{E(n)}</p>"))}</td><td class=\"bar\">{Bar(run, s)}</td><td>{E(string.Join(' ', s.Step.Covers))}</td></tr>");
        }
        Line("</tbody></table></body></html>");
        return text.ToString().TrimEnd();

        // What was sent and what came back is behind the title; a file without scripts opens it by itself.
        string Step(StepHistory s) => run.Exchanges.Where(x => x.Step == s.Step.Id).ToArray() is { Length: > 0 } own
            ? $"<details><summary>{E(words.Title(s))}</summary>{string.Concat(own.Select(x => $"<p>{E($"{words.Time(x.At)}{words.Which(x)}: {words.Answer(x)}")}</p>{(x.Sent.IsEmpty ? "" : $"<pre>{E(string.Join('\n', words.Sent(x)))}</pre>")}"))}</details>"
            : E(words.Title(s));

        string Under(ImmutableArray<Finding> findings) => string.Concat(findings.Select(f => $"<br><code>{E(f.Code.Code)}</code> {E(f.In(language))}"));

        void List(string heading, IEnumerable<string> items, string none, string before = "")
        {
            var all = items.ToArray();
            Line($"<h2>{E(heading)}</h2>{(all.Length > 0 ? $"{(before.Length > 0 ? $"<p>{E(before)}</p>" : "")}<ul><li>{string.Join("</li><li>", all)}</li></ul>" : $"<p>{E(none)}</p>")}");
        }
    }

    private static string Bar(RunHistory run, StepHistory s)
    {
        if (s.From is not { } from || run.Took <= TimeSpan.Zero)
            return "";
        var left = (from - run.State.StartedAt) / run.Took * 100;
        var width = Math.Max(0.3, ((s.Until ?? run.Until) - from) / run.Took * 100);
        return string.Create(CultureInfo.InvariantCulture, $"<i style=\"margin-left:{Math.Clamp(left, 0, 99.7):0.##}%;width:{Math.Min(width, 100 - Math.Clamp(left, 0, 99.7)):0.##}%\"></i>");
    }

    private static string E(string text) => WebUtility.HtmlEncode(text);

    private const string Style = """
        :root{color-scheme:light dark}body{font:15px/1.4 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{opacity:.7}dd{margin:0}
        table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{text-align:left;padding:.15rem .5rem;vertical-align:top;border-bottom:1px solid #8883}
        tr.gate td{font-weight:600;padding-top:.8rem}td.bar,th.bar{width:25%}td.bar i{display:block;height:.8rem;background:#3b82f6;border-radius:2px}
        td.halted,td.in-doubt,td.accepted,td.left-out{font-weight:600;color:#c2410c}code{font-size:.85em}.note{margin:.1rem 0 0;font-size:.9em;opacity:.8}
        summary{cursor:pointer}details p{margin:.3rem 0 0;opacity:.8}pre{margin:.2rem 0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85em;background:#8881;padding:.3rem .5rem}
        @media (max-width:40rem){table{display:block;overflow-x:auto}dl{grid-template-columns:1fr}dd{margin-bottom:.3rem;overflow-wrap:anywhere}td:nth-child(4){min-width:14rem}td.bar,th.bar{display:none}}
        @media print{body{max-width:none}}
        """;
}
