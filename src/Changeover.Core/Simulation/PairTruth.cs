using System.Text.Json.Serialization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>A Pacemaker cluster of two machines.</summary>
public sealed class PairTruth
{
    public required string Name { get; init; }

    /// <summary>The preferred one: on the first host.</summary>
    public required string First { get; init; }
    public required string Second { get; init; }
    public List<ResourceSetTruth> Sets { get; set; } = [];
    public const int UsualStickiness = 100;

    public int Stickiness { get; set; } = UsualStickiness;

    /// <summary>Score of the location constraint for <see cref="First"/>; 0: no constraint.</summary>
    public int Preference { get; set; } = 50;

    /// <summary>A location constraint with a rule about an attribute that no node has.</summary>
    public bool HasRule { get; set; }
    public bool MaintenanceMode { get; set; }
    public string NoQuorumPolicy { get; set; } = "ignore";
    public List<BanTruth> Bans { get; set; } = [];
    public List<FailureTruth> Failures { get; set; } = [];

    /// <summary>The two do not hear each other, on no link.</summary>
    public bool LinkCut { get; set; }

    /// <summary>Fault: something that no constraint shows pulls everything to this machine; empty: nothing does.</summary>
    public string PulledTo { get; set; } = "";

    /// <summary>The pull waits for an unstandby; and then for the promotion score to be whole again.</summary>
    public bool PullArmed { get; set; }
    public bool PullAfterSync { get; set; }

    /// <summary>Rises with every change: rendered texts are kept per version.</summary>
    public int Version { get; set; }
    public TimeSpan ChangedAt { get; set; }

    /// <summary>Rises with every change of the configuration.</summary>
    public int Epoch { get; set; } = 16;

    public string Other(string machine) => machine == First ? Second : First;
}

/// <summary>A machine's membership of its Pacemaker cluster.</summary>
public sealed class NodeTruth
{
    public bool StartsAtBoot { get; set; } = true;

    public bool HasCrmSimulate { get; set; } = true;

    /// <summary>0.9 says standby with the cluster form, later ones with the node form only.</summary>
    public string PcsVersion { get; set; } = "0.11.5";

    /// <summary>Corosync and Pacemaker run on this machine.</summary>
    public bool Running { get; set; } = true;

    /// <summary>Joined: it takes part in decisions.</summary>
    public bool Online { get; set; } = true;

    /// <summary>Lost without a word and not fenced.</summary>
    public bool Unclean { get; set; }

    /// <summary>The node attribute. Kept in the CIB: it survives boots.</summary>
    public bool Standby { get; set; }

    /// <summary>Its shutdown was begun: everything leaves it.</summary>
    public bool Leaving { get; set; }

    /// <summary>Has seen its peer since it started; until then wait_for_all denies it quorum.</summary>
    public bool SeenPeer { get; set; } = true;
}

/// <param name="Machine">From which it is kept away.</param>
/// <param name="Prefers">True: an INFINITY preference for it instead (crm_resource --move).</param>
public sealed record BanTruth(string Id, string Resource, string Machine, bool PromotedOnly, bool Prefers = false);

public sealed record FailureTruth(string Resource, string Machine, string Operation, int Code, string Reason, TimeSpan At);

/// <summary>The resources of one role on a pair: a DRBD clone with a group on it, or an address alone.</summary>
public sealed class ResourceSetTruth
{
    public required string Role { get; init; }

    /// <summary>Id of the DRBD primitive; empty: none.</summary>
    public string Clone { get; init; } = "";

    /// <summary>Id of the group; empty: its resources stand alone.</summary>
    public string Group { get; init; } = "";

    /// <summary>In start order.</summary>
    public List<ResourceTruth> Resources { get; init; } = [];
    public string FloatingAddress { get; init; } = "";
    public string DrbdName { get; init; } = "";

    public InstanceTruth First { get; set; } = new();
    public InstanceTruth Second { get; set; } = new();

    /// <summary>The two DRBD nodes talk to each other.</summary>
    public bool Connected { get; set; }

    /// <summary>While a resync runs: the machine that has the good data; empty: none runs.</summary>
    public string SyncSource { get; set; } = "";
    public TimeSpan SyncStart { get; set; }
    public TimeSpan SyncEnd { get; set; }
    public long SyncTotalKiB { get; set; }
    public long ResyncRate { get; set; } = Timings.ResyncKiBPerSecond;

    /// <summary>Fault: the agents no longer refresh the promotion scores.</summary>
    public bool ScoresLag { get; set; }

    /// <summary>Fault: promotions still to fail.</summary>
    public int PromotionsToFail { get; set; }

    [JsonIgnore]
    public bool HasDrbd => Clone.Length > 0;

    public InstanceTruth On(PairTruth pair, string machine) => machine == pair.First ? First : Second;
}

public sealed record ResourceTruth(string Id, string Agent);

/// <summary>One machine's share of a resource set.</summary>
public sealed class InstanceTruth
{
    /// <summary>Of the DRBD clone: Stopped, Unpromoted or Promoted (in between while <see cref="Doing"/> says so).</summary>
    public ResourceRole Role { get; set; } = ResourceRole.Stopped;

    /// <summary>How many resources of the set are started here, counted in start order.</summary>
    public int Started { get; set; }

    /// <summary>The action that runs now; empty: none.</summary>
    public string Doing { get; set; } = "";

    /// <summary>Wanted by the last decision.</summary>
    public bool Hold { get; set; }

    /// <summary>Promotion score as last refreshed by the agent; null: none.</summary>
    public int? Score { get; set; }

    /// <summary>A promotion failed here: not tried again until somebody cleans up.</summary>
    public bool Failed { get; set; }

    public DrbdDisk Disk { get; set; } = DrbdDisk.UpToDate;

    /// <summary>Will not connect until told: disconnected by hand, or after a split brain.</summary>
    public bool StandAlone { get; set; }

    /// <summary>Was primary while it had no peer, so it holds writes the other does not.</summary>
    public bool WroteAlone { get; set; }
    public long DirtyKiB { get; set; }

    /// <summary>Since when it writes alone (as of the last settling); null: it does not.</summary>
    public TimeSpan? AloneSince { get; set; }

    [JsonIgnore]
    public bool Up => Role is not (ResourceRole.Stopped or ResourceRole.Unknown);
}
