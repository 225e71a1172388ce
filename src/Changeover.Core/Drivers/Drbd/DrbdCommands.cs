namespace Changeover.Drivers.Drbd;

/// <summary>Every command line the DRBD driver sends. All of them only look.</summary>
public static class DrbdCommands
{
    /// <summary>The whole status on 8.4, version lines only on 9. Needs no root.</summary>
    public static readonly ImmutableArray<string> Proc = ["/bin/cat", "/proc/drbd"];

    /// <summary>The whole status on 9; an error on 8.4.</summary>
    public static readonly ImmutableArray<string> Json = ["/usr/sbin/drbdsetup", "status", "--json"];

    /// <summary>On 8.4 the names of the resources, which /proc/drbd does not know; it ends with <c>exists -</c>.</summary>
    public static readonly ImmutableArray<string> Events = ["/usr/sbin/drbdsetup", "events2", "--now"];

    /// <summary>Text for people; read only where nothing else helps.</summary>
    public static readonly ImmutableArray<string> Status = ["/usr/sbin/drbdadm", "status"];

    public const string ProcKey = "proc";
    public const string JsonKey = "json";
    public const string EventsKey = "events";
    public const string StatusKey = "status";
}
