using Changeover.Inventory;

namespace Changeover.Knowledge;

/// <summary>Whether one database has applied everything another has, end to end (G1).</summary>
public static class Positions
{
    public static bool Follows(ReplicationChannel channel, Machine source) =>
        channel.SourceHost == source.Address || Conditions.MachineIs.SameName(channel.SourceHost, source.HostName) || Conditions.MachineIs.SameName(channel.SourceHost, source.Name);

    public static (Verdict Verdict, string Detail) HasAll(DatabaseFacts replica, DatabaseFacts source, Machine sourceMachine) =>
        throw new NotImplementedException();
}
