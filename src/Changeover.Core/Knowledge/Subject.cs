namespace Changeover.Knowledge;

/// <summary>One thing that can be asked about, for example <c>pacemaker:acd-store1</c> (the cluster as that node sees it).</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Name">The machine that answers, or the host or endpoint where no machine does.</param>
public readonly record struct Subject(SubjectKind Kind, string Name) : IComparable<Subject>
{
    public override string ToString() => $"{SubjectKinds.Text(Kind)}:{Name}";

    /// <summary>Who is asked: the machine itself, or the interface of a host or of the monitoring.</summary>
    public string Target => Kind switch
    {
        SubjectKind.Power => $"host:{Name}",
        SubjectKind.Downtimes => "monitoring",
        _ => Name,
    };

    /// <summary>Names are short and come from the inventory: looked up thousands of times a second, they need no hash that resists an attack.</summary>
    public override int GetHashCode()
    {
        var hash = (int)Kind;
        foreach (var c in Name ?? "")
            hash = (hash * 31) + c;
        return hash;
    }

    public int CompareTo(Subject other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind) : string.CompareOrdinal(Name, other.Name);

    public static Subject Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new(SubjectKinds.Parse(text[..colon]), text[(colon + 1)..]);
    }
}

/// <summary>Order matters for display only. Names are part of the journal: never rename, only add.</summary>
public enum SubjectKind
{
    /// <summary>Does it answer, under which name, since which boot, with which addresses. Name: machine. <see cref="MachineFacts"/></summary>
    Machine,

    /// <summary>Cluster state as this node sees it. Name: machine. <see cref="PacemakerFacts"/></summary>
    Pacemaker,

    /// <summary>Cluster configuration: stickiness, constraints, daemons enabled. Name: machine. <see cref="PacemakerSetupFacts"/></summary>
    PacemakerSetup,

    /// <summary>What standby and unstandby of this machine's node will do (G2). Name: machine. <see cref="ForecastFacts"/></summary>
    Forecast,

    /// <summary>DRBD as this machine sees it. Name: machine. <see cref="DrbdFacts"/></summary>
    Drbd,

    /// <summary>Database server, its replication and its sessions. Name: machine. <see cref="DatabaseFacts"/></summary>
    Database,

    /// <summary>HAProxy's servers and sessions. Name: machine. <see cref="BalancerFacts"/></summary>
    Balancer,

    /// <summary>The catalogue's services on a machine. Name: machine. <see cref="ServiceFacts"/></summary>
    Services,

    /// <summary>Can this machine use share and database through the floating addresses (F11). Name: machine. <see cref="ClientFacts"/></summary>
    Client,

    /// <summary>The singleton on this machine (F8). Name: machine. <see cref="SingletonFacts"/></summary>
    Singleton,

    /// <summary>The claim folder on a machine. Name: machine. <see cref="ClaimFacts"/></summary>
    Claim,

    /// <summary>A backup on a database machine. Name: machine. <see cref="BackupFacts"/></summary>
    Backup,

    /// <summary>The guests of a host, their power and autostart. Name: host. <see cref="PowerFacts"/></summary>
    Power,

    /// <summary>Downtimes in the monitoring. Name: <c>monitoring</c>. <see cref="DowntimeFacts"/></summary>
    Downtimes,

    /// <summary>What starts at the machine's next boot (X6). Name: machine. <see cref="BootFacts"/></summary>
    Boot,

    /// <summary>What will happen when the other node of this machine's pair, which is away, joins again (G2). Name: machine. <see cref="ForecastFacts"/></summary>
    JoinForecast,
}

public static class SubjectKinds
{
    private static readonly ImmutableArray<(SubjectKind Kind, string Text)> Texts =
    [
        (SubjectKind.Machine, "machine"), (SubjectKind.Pacemaker, "pacemaker"), (SubjectKind.PacemakerSetup, "pacemaker-setup"),
        (SubjectKind.Forecast, "forecast"), (SubjectKind.Drbd, "drbd"), (SubjectKind.Database, "database"),
        (SubjectKind.Balancer, "balancer"), (SubjectKind.Services, "services"), (SubjectKind.Client, "client"),
        (SubjectKind.Singleton, "singleton"), (SubjectKind.Claim, "claim"), (SubjectKind.Backup, "backup"),
        (SubjectKind.Power, "power"), (SubjectKind.Downtimes, "downtimes"), (SubjectKind.Boot, "boot"),
        (SubjectKind.JoinForecast, "join-forecast"),
    ];

    public static string Text(SubjectKind kind) => Texts[(int)kind].Text;

    public static SubjectKind Parse(string text) =>
        Texts.Where(t => t.Text == text).Select(t => (SubjectKind?)t.Kind).FirstOrDefault()
        ?? throw new FormatException($"no kind of subject is called {text}");

}
