using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Planning;

/// <summary>B0: a machine of an emptied host is on and no run explains it. What it has done meanwhile decides what a person does next.</summary>
public static class Evidence
{
    /// <summary>One finding for each machine of the host that is on.</summary>
    /// <param name="signed">A person goes on from there: then only what no failback may begin with is left.</param>
    public static IEnumerable<Finding> Of(ClusterInventory inventory, Snapshot snapshot, string host, IReadOnlySet<string> without, bool signed = false)
    {
        var found = Baseline.Take("", default, snapshot);
        var kept = inventory.Masters.FirstOrDefault(m => m.Host != host);
        foreach (var machine in inventory.MachinesOn(host).Where(m => !without.Contains(m.Name)))
        {
            if (!found.WasOn(machine))
                continue;
            var took = Took(inventory, snapshot, machine).ToArray();
            string[] did = [.. took, .. Runs(snapshot, machine)];
            if (kept is not null && inventory.Masters.Contains(machine) && Wrote(snapshot, kept, machine) is { } wrote)
                yield return EvidenceFindings.Wrote.On(machine.Name, "host", host, "what", string.Join("; ", did.Prepend(wrote)));
            else if (!signed || took.Length > 0)
                yield return (did.Length == 0 ? EvidenceFindings.Idle : EvidenceFindings.Busy).On(machine.Name, "host", host, "what", string.Join("; ", did));
        }
    }

    private static IEnumerable<string> Took(ClusterInventory inventory, Snapshot snapshot, Machine machine)
    {
        if (snapshot.Facts<MachineFacts>(SubjectKind.Machine, machine.Name) is not { } facts)
        {
            yield return "it does not answer, so nobody knows what it did";
            yield break;
        }
        if (snapshot.Facts<DrbdFacts>(SubjectKind.Drbd, machine.Name)?.Resources.Any(r => r.Role == DrbdRole.Primary) == true)
            yield return "its copy of the store is primary";
        foreach (var address in inventory.Pairs.Where(p => p.Members.Contains(machine.Name)).SelectMany(p => p.FloatingAddresses).Where(facts.Addresses.Contains))
            yield return $"it holds the address {address}";
    }

    /// <summary>B6 stops what came up by itself.</summary>
    private static IEnumerable<string> Runs(Snapshot snapshot, Machine machine)
    {
        var running = snapshot.Facts<ServiceFacts>(SubjectKind.Services, machine.Name)?.Services.Where(s => s.Run is ServiceRun.Running or ServiceRun.Starting).Select(s => s.Name).ToArray() ?? [];
        if (running.Length > 0)
            yield return $"its software runs: {string.Join(", ", running)}";
    }

    /// <summary>Null: everything it has is on the master that stayed. Not to be told counts as written.</summary>
    private static string? Wrote(Snapshot snapshot, Machine kept, Machine master)
    {
        if (snapshot.Facts<DatabaseFacts>(SubjectKind.Database, kept.Name) is not { } stayed || snapshot.Facts<DatabaseFacts>(SubjectKind.Database, master.Name) is not { } own)
            return "whether its database committed transactions of its own cannot be told";
        return Positions.Applied(kept.Name, stayed, master.Name, own).Verdict switch
        {
            Verdict.Holds => null,
            Verdict.Fails => $"its database committed transactions that {kept.Name} has not",
            _ => "whether its database committed transactions of its own cannot be told",
        };
    }
}

public static class EvidenceFindings
{
    public static readonly FindingCode Idle = new("emptied.on", Severity.Error,
        "{subject} is on although {host} was emptied, and no run explains it. It holds no role and no address and runs no software. Find out who started it; then shut it down and derive the failback again, or go on from here by your word (--sign REASON).");

    public static readonly FindingCode Busy = new("emptied.busy", Severity.Error,
        "{subject} is on although {host} was emptied, and no run explains it: {what}. Set that right first; then shut it down and derive the failback again. Only from software that came up by itself a person may go on (--sign REASON).");

    public static readonly FindingCode Wrote = new("emptied.wrote", Severity.Danger,
        "{subject} is on although {host} was emptied, and no run explains it: {what}. Two histories may exist, which no procedure joins: compare both databases before anything is switched on, off or over.");

    internal static readonly ImmutableArray<FindingCode> All = [Idle, Busy, Wrote];
}
