using System.Globalization;
using Changeover.Planning;

namespace Changeover.Running;

/// <summary>What a person says about a plan beforehand, in their words: every face takes the same, because they have to come to the same plan.</summary>
public sealed record PlanWords(
    ImmutableArray<string> Without, string Reason = "", string BackBy = "", string NotBefore = "", string TakeOver = "", string TurnBack = "",
    Signature? Signed = null)
{
    /// <exception cref="CommandEnds">Usage: an unknown machine, a time that is none.</exception>
    public PlanOptions Read(Site site)
    {
        var (reason, takeOver) = (FreeText.Line("--reason", Reason), FreeText.Line("--take-over", TakeOver));
        var signed = Signed is { } said ? said with { Why = FreeText.Line("--sign", said.Why) } : null;
        if (Without.Length > 0 && string.IsNullOrWhiteSpace(Reason))
            throw new CommandEnds(ExitCodes.Usage, "--without needs a --reason; it goes into the plan and the report");
        foreach (var machine in Without.Where(m => site.Inventory.FindMachine(m) is null))
            throw new CommandEnds(ExitCodes.Usage, $"--without {machine}: no such machine in the inventory");
        return new(
            Without.Distinct().ToImmutableSortedDictionary(m => m, _ => reason, StringComparer.Ordinal),
            Time("--back-by", BackBy, site), NotBefore: Time("--not-before", NotBefore, site), TakeOver: takeOver, TurnBack: Time("--turn-back", TurnBack, site), Signed: signed);
    }

    /// <summary>A time of day is the next one; a date without an offset is local.</summary>
    private static DateTimeOffset? Time(string option, string text, Site site)
    {
        if (text.Length == 0)
            return null;
        var now = TimeZoneInfo.ConvertTime(site.Clock.Now.Utc, TimeZoneInfo.Local);
        DateTimeOffset at;
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            at = new DateTimeOffset(now.Date + time.ToTimeSpan(), now.Offset) is var today && today > now ? today : new(now.Date.AddDays(1) + time.ToTimeSpan(), now.Offset);
        else if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out at))
            throw new CommandEnds(ExitCodes.Usage, $"{option} {text} is no time; give 23:30, or 2026-11-23T06:00, or with an offset 2026-11-23T06:00+01:00");
        return at <= now ? throw new CommandEnds(ExitCodes.Usage, $"{option} {text} is in the past; it is {now:yyyy-MM-dd HH:mm zzz}")
            : at > now + PlanOptions.FarthestAhead ? throw new CommandEnds(ExitCodes.Usage, $"{option} {text} is more than {PlanOptions.FarthestAhead.TotalDays:0} days ahead")
            : at.ToUniversalTime();
    }
}
