using System.Collections.Frozen;
using System.Globalization;

namespace Changeover.Planning;

/// <summary>What steps are called, in English; in German they are in <see cref="Findings.GermanPhrases"/>.</summary>
public static class Phrases
{
    internal static readonly FrozenDictionary<string, string> Texts = new Dictionary<string, string>
    {
        ["gate"] = "gate: {0}",
        ["check-start"] = "prove that every function is as expected",
        ["check-emptied"] = "prove that the cluster is emptied and {0}'s machines are off",
        ["check-partly"] = "prove that the cluster is as the aborted run left it, and sound",
        ["claim"] = "claim {0} for this run",
        ["release"] = "release the claim on {0}",
        ["backup"] = "back up the active database on {0} and prove the backup",
        ["not-before"] = "wait until {0}",
        ["remove-backup"] = "remove the backup {0} on {1}",
        ["downtime"] = "silence monitoring for {0}",
        ["downtime-end"] = "monitoring active again for {0}",
        ["stop"] = "stop {1} on {0}",
        ["silence"] = "stop {1} on {0} if it came up by itself",
        ["start"] = "start {1} on {0}",
        ["quiet"] = "prove that nobody is connected",
        ["picture"] = "take the second picture of the balancers",
        ["forecast"] = "predict what standby and unstandby of {0} will do",
        ["standby"] = "set {0} to standby, {1} takes over",
        ["unstandby"] = "end standby of {0}, {1} keeps the role",
        ["nothing-lost"] = "prove that {0} has applied everything {1} has, and the other way round",
        ["maint"] = "set the servers of {1} to MAINT on {0}",
        ["restore-servers"] = "set every server on {0} as found",
        ["writer"] = "prove that {0} is the writer",
        ["power-off"] = "shut down {0} and wait until it is off",
        ["power-on"] = "start {0} and wait until it is up",
        ["replicate"] = "start replication on {0} where it does not run by itself",
        ["check-area"] = "check {0} while one-sided",
        ["check-pair-whole"] = "check the pair {0}: {1} holds it, {2} is back in step",
        ["check-replication"] = "check replication on {0}",
        ["check-whole"] = "prove that the whole cluster is together",
        ["prove-client"] = "prove share and database on {0}",
        ["singleton"] = "run {1} on {0} and nowhere else",
        ["singleton-stop"] = "stop {1} on {0}",
        ["health-emptied"] = "system health check, running on one side",
        ["health-normal"] = "system health check, normal operation",
        ["accept"] = "a person confirms: {0}",
        ["site"] = "{0}",
        ["as-found"] = "prove that everything is as it was found",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string English(Phrase phrase) =>
        Texts.TryGetValue(phrase.Code, out var text)
            ? string.Format(CultureInfo.InvariantCulture, text, [.. phrase.Arguments])
            : $"{phrase.Code} {string.Join(' ', phrase.Arguments)}";
}
