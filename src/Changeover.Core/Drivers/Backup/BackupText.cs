using System.Globalization;
using Changeover.Knowledge;

namespace Changeover.Drivers.Backup;

/// <summary>What the scripts of a backup print.</summary>
internal static class BackupText
{
    public static Reading Read(Subject subject, Reply.Answered reply, string folder)
    {
        Reading Damaged(string text) =>
            Reading.Unreadable(ExchangeFindings.Unreadable.On(subject.Name, "what", "list of backups", "text", text));

        switch (reply.Find(BackupDriver.Look))
        {
            case null:
                return Damaged("the command is missing in the answer");
            case { Code: Result.TimedOut }:
                return Reading.Unreadable(BackupFindings.Hangs.On(subject.Name, "folder", folder));
            case { Code: BackupScripts.NoFolder } r:
                return Reading.Unreadable(BackupFindings.NoFolder.On(subject.Name, "folder", folder, "why", Shown(r.Error)));
            case { Code: BackupScripts.NoUnits } r:
                return Reading.Unreadable(BackupFindings.NoUnits.On(subject.Name, "why", Shown(r.Error)));
            case { Code: not 0 } r:
                return Reading.Unreadable(ExchangeFindings.Failed.On(
                    subject.Name, "what", "the list of backups", "exit", r.Code.ToString(CultureInfo.InvariantCulture), "text", Shown(r.Error)));
            case var r:
                if (!r.Output.EndsWith('\n') || r.Output[..^1].Split('\n') is not [.. var rows, var last])
                    return Damaged("it is cut off");
                if (last != string.Create(CultureInfo.InvariantCulture, $"end {rows.Length}"))
                    return Damaged("its last line is missing or counts otherwise");
                var backups = rows.Select(row => State(row, folder)).ToImmutableArray();
                return backups.Any(b => b is null) ? Damaged("a line has not the fields expected") : Reading.Of(new BackupFacts(backups!));
        }
    }

    /// <summary>
    /// Accepted says only that the unit was started or that there is nothing to do; whether the backup is complete is observed.
    /// </summary>
    public static Reception Heard(Result? result) => result switch
    {
        null => new(ReceptionKind.Unclear),
        { Code: 0 } => Reception.Accepted,
        // systemd-run gives up waiting for the bus with exit 1 too, and then the unit may run.
        { Code: BackupScripts.Refused or 126 or 127 } or { Code: 1 } when !result.Error.Contains("timed out", StringComparison.OrdinalIgnoreCase) =>
            new(ReceptionKind.Refused, Shown(result.Error)),
        _ => new(ReceptionKind.Unclear, Shown(result.Error)),
    };

    /// <summary>
    /// The file says how far a backup came, the unit whether somebody still works on it. A file that nobody works on and that
    /// never got its name is a failed backup, for example after the machine was switched off meanwhile.
    /// </summary>
    private static BackupState? State(string row, string folder)
    {
        if (row.Split('\t') is not [{ Length: > 0 } id, var file, var unit, var size, var why]
            || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
            return null;
        var works = unit is "activating" or "active" or "deactivating" or "reloading";
        var path = $"{folder.TrimEnd('/')}/{id}.sql.gz";
        return (file, works) switch
        {
            ("complete", _) => new(id, path, Running: false, Complete: true, bytes, ""),
            ("part" or "none" or "failed", true) => new(id, path, Running: true, Complete: false, bytes, ""),
            ("failed", false) => new(id, path, Running: false, Complete: false, bytes, why.Trim() is { Length: > 0 } words ? words : "it failed and could not say why"),
            ("part" or "none", false) => new(
                id, path, Running: false, Complete: false, bytes, unit == "failed" ? "it ended without a word" : "it was broken off"),
            _ => null,
        };
    }

    private static string Shown(string error)
    {
        var line = string.Join(' ', error.Split((char[])['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return line.Length > 300 ? line[..300] + "…" : line;
    }
}
