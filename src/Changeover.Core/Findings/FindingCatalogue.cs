using Changeover.Drivers;
using Changeover.Drivers.Backup;
using Changeover.Drivers.Database;
using Changeover.Drivers.HaProxy;
using Changeover.Knowledge;

namespace Changeover.Findings;

/// <summary>Every finding the program can make. docs/findings.md has one row for each; a test holds it.</summary>
public static class FindingCatalogue
{
    public static readonly ImmutableArray<FindingCode> All = [.. ExchangeFindings.All, .. PositionFindings.All, .. HaProxyFindings.All, .. DatabaseFindings.All, .. BackupFindings.All];

    private static readonly ImmutableDictionary<string, FindingCode> ByCode = All.ToImmutableDictionary(c => c.Code);

    /// <summary>The kind with this code; a code of another version of the program reads as an unknown error, never as nothing.</summary>
    public static FindingCode Find(string code) =>
        ByCode.GetValueOrDefault(code) ?? new FindingCode(code, Severity.Error, "{subject}: " + code);
}
