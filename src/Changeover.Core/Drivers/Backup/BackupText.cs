using Changeover.Knowledge;

namespace Changeover.Drivers.Backup;

/// <summary>What the scripts of a backup print.</summary>
internal static class BackupText
{
    public static Reading Read(Subject subject, Reply.Answered reply, string folder) =>
        Reading.Unreadable(ExchangeFindings.Unreadable.On(subject.Name, "what", "not read yet", "text", folder));

    public static Reception Heard(Result? result) => new(ReceptionKind.Unclear);
}
