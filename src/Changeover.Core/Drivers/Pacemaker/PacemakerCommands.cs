namespace Changeover.Drivers.Pacemaker;

/// <summary>Every command line the Pacemaker driver sends, as data: the one place where the words of the tools stand.</summary>
public static class PacemakerCommands
{
    /// <summary>Cluster state (Pacemaker 2.0.3 and later).</summary>
    public static readonly ImmutableArray<string> CrmMon = ["/usr/sbin/crm_mon", "--one-shot", "--inactive", "--output-as=xml"];

    /// <summary>
    /// Cluster state in the older form, which every version accepts. There, fail counts, node attributes and bans are
    /// printed only when asked for.
    /// </summary>
    public static readonly ImmutableArray<string> CrmMonLegacy =
        ["/usr/sbin/crm_mon", "--one-shot", "--inactive", "--as-xml", "--failcounts", "--show-node-attributes", "--neg-locations"];

    /// <summary>The Pacemaker name of the machine that answers (X9).</summary>
    public static readonly ImmutableArray<string> CrmNode = ["/usr/sbin/crm_node", "--name"];

    /// <summary>The whole CIB. It holds fencing passwords: its text never goes into facts, findings or logs.</summary>
    public static readonly ImmutableArray<string> Cib = ["/usr/sbin/cibadmin", "--query"];

    /// <summary>Decides the dialect (X4). Needs no root.</summary>
    public static readonly ImmutableArray<string> PcsVersion = ["/usr/sbin/pcs", "--version"];

    /// <summary>Will it come back (X6). Needs no root.</summary>
    public static readonly ImmutableArray<string> DaemonsEnabled = ["/bin/systemctl", "is-enabled", "corosync", "pacemaker"];

    /// <summary>Exit 0: installed; 1: not. Needs no root.</summary>
    public static readonly ImmutableArray<string> CanForecast = ["/usr/bin/test", "-x", "/usr/sbin/crm_simulate"];

    /// <summary>What standby and unstandby of this node will do. Changes nothing: works on a private copy of the CIB.</summary>
    public static ImmutableArray<string> Forecast(string node) => ["/bin/sh", "-c", ForecastScript, "forecast", node];

    /// <summary>What will happen when this node, which is away, joins again. Asked on its peer, changes nothing either.</summary>
    public static ImmutableArray<string> JoinForecast(string node) => ["/bin/sh", "-c", ForecastScript, "forecast", node, JoinsWord];

    /// <summary>Sets the standby attribute. The node is always named: without a name pcs means the machine it runs on.</summary>
    /// <param name="clusterForm">pcs before 0.10: <c>pcs cluster standby</c>.</param>
    public static ImmutableArray<string> Standby(string node, bool standby, bool clusterForm) =>
        ["/usr/sbin/pcs", clusterForm ? "cluster" : "node", standby ? "standby" : "unstandby", node];

    public const string CrmMonKey = "crm_mon";
    public const string CrmMonLegacyKey = "crm_mon-legacy";
    public const string CrmNodeKey = "crm_node";
    public const string CibKey = "cib";
    public const string PcsVersionKey = "pcs";
    public const string DaemonsEnabledKey = "enabled";
    public const string CanForecastKey = "crm_simulate";
    public const string ForecastKey = "forecast";
    public const string StandbyKey = "standby";

    /// <summary>Second word of the forecast script: the node is away and counts as come back.</summary>
    public const string JoinsWord = "joins";

    /// <summary>Starts a part of the forecast's output; its title follows on the same line.</summary>
    public const string ForecastMark = "@@ forecast ";

    /// <summary>The parts of the forecast in order; the last one has no content and proves that nothing is missing.</summary>
    public const string AfterStandbyPart = "standby";
    public const string AfterUnstandbyPart = "unstandby";
    public const string AfterSyncPart = "synchronised";
    public const string LastPart = "done";

    /// <summary>Exit codes of the forecast script: which part of it could not be done. Its standard error says why.</summary>
    public const int ForecastToolMissing = 11;
    public const int ForecastNoCib = 12;
    public const int ForecastNotSet = 13;
    public const int ForecastSimulateFailed = 14;
    public const int ForecastNodeUnknown = 15;

    /// <summary>
    /// Three predictions from the node's own CIB, each starting from the result of the one before: standby; unstandby, while
    /// DRBD still synchronises (promotion score 10 on that node); synchronised (10000 everywhere). A preference pulls a store
    /// back only at the third. A node that joins goes the same way: as a member that may not run anything yet, then with an old
    /// copy, then synchronised; so only the first prediction is told that it is up. The scores are edited in the copy as text, because <c>crm_attribute</c> of Pacemaker 1.1 sends
    /// transient attributes to the live cluster even when it is told to work on a file.
    /// </summary>
    public const string ForecastScript = """
        PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH
        umask 077
        node=$1
        for tool in cibadmin crm_attribute crm_simulate awk mktemp; do
        command -v "$tool" >/dev/null || { echo "$tool is not installed" >&2; exit 11; }
        done
        dir=$(mktemp -d /run/changeover-forecast.XXXXXX) || exit 12
        trap 'rm -rf "$dir"' EXIT
        trap 'exit 1' HUP INT TERM
        cibadmin --query >"$dir/cib" || exit 12
        set_to() { CIB_file="$2" crm_attribute --node "$node" --name standby --update "$1" --lifetime forever >"$dir/said" 2>&1 || { head -n 3 "$dir/said" >&2; exit 13; }; }
        simulate() {
        echo "@@ forecast $1"
        from=$2; to=$3; shift 3
        if crm_simulate --simulate "$@" --xml-file "$from" --save-output "$to" --output-as=xml >"$dir/told" 2>"$dir/said" && grep -q '<pacemaker-result' "$dir/told"; then :
        elif crm_simulate --simulate "$@" --xml-file "$from" --save-output "$to" >"$dir/told" 2>"$dir/said"; then :
        else head -n 3 "$dir/said" >&2; exit 14
        fi
        cat "$dir/told"
        }
        scores() {
        awk -v node="$node" -v every="$1" -v score="$2" '
        function pairs(id,  i) { for (i = 1; i <= count; i++) print "<nvpair id=\"" id "-" names[i] "\" name=\"" names[i] "\" value=\"" score "\"/>"; done = 1 }
        /<transient_attributes/ && !/\/>/ { transient = 1 }
        /<\/transient_attributes>/ { transient = 0 }
        NR == FNR {
        if (transient && /<nvpair / && match($0, / name="master-[^"]*"/)) { name = substr($0, RSTART + 7, RLENGTH - 8); if (!(name in seen)) { seen[name] = 1; names[++count] = name } }
        next
        }
        /<node_state / && !/\/>/ { mine = every == "every" || index($0, " uname=\"" node "\""); done = 0; states++; if (index($0, " uname=\"" node "\"")) found = 1 }
        mine && /<transient_attributes[^>]*\/>/ { next }
        mine && transient && /<nvpair / && / name="master-/ { next }
        mine && transient && !done && /<instance_attributes[^>]*\/>/ { sub(/\/>/, ">"); print; pairs("forecast-" states); print "</instance_attributes>"; next }
        mine && transient && !done && /<instance_attributes/ { print; pairs("forecast-" states); next }
        mine && !done && /<\/transient_attributes>/ { print "<instance_attributes id=\"forecast-set-" states "\">"; pairs("forecast-" states); print "</instance_attributes>" }
        mine && !done && /<\/node_state>/ { print "<transient_attributes id=\"forecast-" states "\"><instance_attributes id=\"forecast-set-" states "\">"; pairs("forecast-" states); print "</instance_attributes></transient_attributes>" }
        { print }
        END { exit !found }
        ' "$3" "$3" >"$4" || { echo "no state of $node in the CIB" >&2; exit 15; }
        }
        set_to on "$dir/cib"
        simulate standby "$dir/cib" "$dir/cib1" ${2:+--node-up "$node"}
        set_to off "$dir/cib1"
        scores own 10 "$dir/cib1" "$dir/cib2"
        simulate unstandby "$dir/cib2" "$dir/cib3"
        scores every 10000 "$dir/cib3" "$dir/cib4"
        simulate synchronised "$dir/cib4" "$dir/cib5"
        echo "@@ forecast done"
        """;
}
