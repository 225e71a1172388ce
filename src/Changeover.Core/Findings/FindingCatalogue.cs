using Changeover.Drivers;
using Changeover.Drivers.Backup;
using Changeover.Drivers.Boot;
using Changeover.Drivers.Claim;
using Changeover.Drivers.Client;
using Changeover.Drivers.Database;
using Changeover.Drivers.Downtimes;
using Changeover.Drivers.Drbd;
using Changeover.Drivers.HaProxy;
using Changeover.Drivers.Machines;
using Changeover.Drivers.Pacemaker;
using Changeover.Drivers.Power;
using Changeover.Drivers.Services;
using Changeover.Drivers.Singleton;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Findings;

/// <summary>Every finding the program can make. docs/findings.md has one row for each; a test holds it.</summary>
public static class FindingCatalogue
{
    public static readonly ImmutableArray<FindingCode> All =
    [
        .. AheadFindings.All,
        .. EvidenceFindings.All,
        .. BackupFindings.All,
        .. BootFindings.All,
        .. ClaimFindings.All,
        .. ClientFindings.All,
        .. ComesBackFindings.All,
        .. DatabaseFindings.All,
        .. DowntimesFindings.All,
        .. DrbdFindings.All,
        .. ExchangeFindings.All,
        .. HaProxyFindings.All,
        .. InventoryFindings.All,
        .. LeavingOutFindings.All,
        .. MachineFindings.All,
        .. PacemakerFindings.All,
        .. PairFindings.All,
        .. PositionFindings.All,
        .. PowerFindings.All,
        .. RunFindings.All,
        .. ServicesFindings.All,
        .. SingletonFindings.All,
        .. StateFindings.All,
        .. WritingFindings.All,
    ];

    private static readonly ImmutableDictionary<string, FindingCode> ByCode = All.ToImmutableDictionary(c => c.Code);

    /// <summary>The kind with this code; a code of another version of the program reads as an unknown error, never as nothing.</summary>
    public static FindingCode Find(string code) =>
        ByCode.GetValueOrDefault(code) ?? new FindingCode(code, Severity.Error, "{subject}: " + code);
}
