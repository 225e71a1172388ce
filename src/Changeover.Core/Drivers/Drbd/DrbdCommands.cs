namespace Changeover.Drivers.Drbd;

/// <summary>Every command line the DRBD driver sends. All of them only look.</summary>
public static class DrbdCommands
{
    /// <summary>
    /// Only where the module is loaded; otherwise exit 1 without a word. drbdsetup and drbdadm load the module when they
    /// find none, and a question must change nothing. Seen with drbd-utils 9.22.
    /// </summary>
    public const string IfLoadedScript = "[ -d /sys/module/drbd ] && exec \"$@\"";

    private static readonly ImmutableArray<string> IfLoaded = ["/bin/sh", "-c", IfLoadedScript, "drbd"];

    /// <summary>The whole status on 8.4, version lines only on 9. Needs no root.</summary>
    public static readonly ImmutableArray<string> Proc = ["/bin/cat", "/proc/drbd"];

    /// <summary>The whole status on 9; an error on 8.4.</summary>
    public static readonly ImmutableArray<string> Json = [.. IfLoaded, "/usr/sbin/drbdsetup", "status", "--json"];

    /// <summary>On 8.4 the names of the resources, which /proc/drbd does not know; it ends with <c>exists -</c>.</summary>
    public static readonly ImmutableArray<string> Events = [.. IfLoaded, "/usr/sbin/drbdsetup", "events2", "--now"];

    /// <summary>Text for people; read only where nothing else helps.</summary>
    public static readonly ImmutableArray<string> Status = [.. IfLoaded, "/usr/sbin/drbdadm", "status"];

    public const string ProcKey = "proc";
    public const string JsonKey = "json";
    public const string EventsKey = "events";
    public const string StatusKey = "status";
}
