using System.CommandLine;
using System.Globalization;
using Changeover.Planning;

namespace Changeover.Cli;

/// <summary>What a person says about a plan beforehand: <c>plan</c> and <c>run</c> take the same, because they have to come to the same plan.</summary>
public sealed class PlanningOptions
{
    private readonly Option<string[]> without = new("--without") { Description = "Leave this machine out (with --reason).", DefaultValueFactory = _ => [] };
    private readonly Option<string> reason = new("--reason") { Description = "Why a machine is left out.", DefaultValueFactory = _ => "" };
    private readonly Option<string> backBy = new("--back-by") { Description = "When the emptied host is expected back: its downtime lasts until then (a day, unless said).", DefaultValueFactory = _ => "" };
    private readonly Option<string> notBefore = new("--not-before") { Description = "Backup and downtimes at once, the first service stopped not before this time.", DefaultValueFactory = _ => "" };

    private readonly Option<string> takeOver = new("--take-over") { Description = "Take the claims of this run over: its controller is gone for good, by your word.", DefaultValueFactory = _ => "" };

    private readonly Option<string> turnBack = new("--turn-back") { Description = "When it is this late and the software does not start again yet, the run halts and asks whether to go on.", DefaultValueFactory = _ => "" };

    private readonly Option<string> sign = new("--sign") { Description = "failback: your word, with this reason, where no run in the journal explains the cluster: back to the inventory's normal state, and on from machines that are on already.", DefaultValueFactory = _ => "" };

    public void AddTo(Command command)
    {
        command.Options.Add(sign);
        command.Options.Add(turnBack);
        command.Options.Add(takeOver);
        command.Options.Add(without);
        command.Options.Add(reason);
        command.Options.Add(backBy);
        command.Options.Add(notBefore);
    }

    public PlanOptions Read(ParseResult parse, Site site)
    {
        var left = parse.GetValue(without)!;
        var why = parse.GetValue(reason)!;
        if (left.Length > 0 && string.IsNullOrWhiteSpace(why))
            throw new CommandEnds(ExitCodes.Usage, "--without needs a --reason; it goes into the plan and the report");
        foreach (var machine in left.Where(m => site.Inventory.FindMachine(m) is null))
            throw new CommandEnds(ExitCodes.Usage, $"--without {machine}: no such machine in the inventory");
        return new(left.Distinct().ToImmutableSortedDictionary(m => m, _ => why, StringComparer.Ordinal), Time(parse, backBy, site), NotBefore: Time(parse, notBefore, site), TakeOver: parse.GetValue(takeOver)!, TurnBack: Time(parse, turnBack, site),
            Signed: parse.GetValue(sign) is { Length: > 0 } word ? new(Environment.UserName, word) : null);
    }

    /// <summary>A time of day is the next one; a date without an offset is local.</summary>
    private static DateTimeOffset? Time(ParseResult parse, Option<string> option, Site site)
    {
        if (parse.GetValue(option) is not { Length: > 0 } text)
            return null;
        var now = TimeZoneInfo.ConvertTime(site.Clock.Now.Utc, TimeZoneInfo.Local);
        DateTimeOffset at;
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            at = new DateTimeOffset(now.Date + time.ToTimeSpan(), now.Offset) is var today && today > now ? today : new(now.Date.AddDays(1) + time.ToTimeSpan(), now.Offset);
        else if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out at))
            throw new CommandEnds(ExitCodes.Usage, $"{option.Name} {text} is no time; give 23:30, or 2026-11-23T06:00, or with an offset 2026-11-23T06:00+01:00");
        return at <= now ? throw new CommandEnds(ExitCodes.Usage, $"{option.Name} {text} is in the past; it is {now:yyyy-MM-dd HH:mm zzz}")
            : at > now + PlanOptions.FarthestAhead ? throw new CommandEnds(ExitCodes.Usage, $"{option.Name} {text} is more than {PlanOptions.FarthestAhead.TotalDays:0} days ahead")
            : at.ToUniversalTime();
    }
}
