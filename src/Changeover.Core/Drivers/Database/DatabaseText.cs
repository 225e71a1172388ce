using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Database;

/// <summary>What the client prints in batch mode, read by column name in the vocabularies of all versions.</summary>
internal static class DatabaseText
{
    public static Reading Read(Subject subject, Reply.Answered reply, Machine machine, DatabaseSettings settings) =>
        Reading.Unreadable(ExchangeFindings.Unreadable.On(subject.Name, "what", "not read yet", "text", ""));

    public static Reception Heard(ClusterAction action, Reply.Answered reply) => new(ReceptionKind.Unclear);
}
