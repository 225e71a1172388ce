using System.Text.Json.Serialization;

namespace Changeover.Knowledge;

/// <summary>
/// Everything the tool can do to the world. Every action says "set to", never "toggle", so that doing it twice does no harm.
/// The discriminators are part of the journal: never rename, only add.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "action")]
[JsonDerivedType(typeof(TakeClaim), "take-claim")]
[JsonDerivedType(typeof(ReleaseClaim), "release-claim")]
[JsonDerivedType(typeof(StartBackup), "start-backup")]
[JsonDerivedType(typeof(RemoveBackup), "remove-backup")]
[JsonDerivedType(typeof(SetDowntime), "set-downtime")]
[JsonDerivedType(typeof(RemoveDowntime), "remove-downtime")]
[JsonDerivedType(typeof(SetService), "set-service")]
[JsonDerivedType(typeof(SetStandby), "set-standby")]
[JsonDerivedType(typeof(SetServers), "set-servers")]
[JsonDerivedType(typeof(SetPower), "set-power")]
[JsonDerivedType(typeof(SetReplication), "set-replication")]
[JsonDerivedType(typeof(SetSingleton), "set-singleton")]
[JsonDerivedType(typeof(EndSession), "end-session")]
[JsonDerivedType(typeof(Instruct), "instruct")]
public abstract record ClusterAction;

/// <summary>Creates the claim folder on a machine, atomically; refused when another run holds it.</summary>
/// <param name="From">Runs it is taken over from when they hold it: they have handed over, or a person says that they are gone; null: none.</param>
public sealed record TakeClaim(string Machine, ImmutableArray<string>? From = null) : ClusterAction;

/// <summary>Removes the claim if this run holds it.</summary>
public sealed record ReleaseClaim(string Machine) : ClusterAction;

/// <summary>Starts a dump as a transient unit that survives a lost link; the backup is found again by its id.</summary>
public sealed record StartBackup(string Machine, string Id) : ClusterAction;

public sealed record RemoveBackup(string Machine, string Id) : ClusterAction;

/// <summary>Puts monitoring objects into downtime until a time, or moves the end of the downtimes with this key.</summary>
/// <param name="Objects">Host objects in the monitoring.</param>
public sealed record SetDowntime(string Key, ImmutableArray<string> Objects, DateTimeOffset Until, string Comment) : ClusterAction;

public sealed record RemoveDowntime(string Key) : ClusterAction;

public sealed record SetService(string Machine, string Service, bool Run) : ClusterAction;

/// <summary>Sets or removes the standby attribute of this machine's node, asked on <paramref name="Via"/>.</summary>
public sealed record SetStandby(string Machine, bool Standby, string Via) : ClusterAction;

/// <summary>Sets administrative state (and weight) of servers on one balancer, in one exchange.</summary>
public sealed record SetServers(string Balancer, ImmutableArray<ServerSetting> Servers) : ClusterAction;

/// <param name="Weight">Null: left as it is.</param>
public sealed record ServerSetting(string Backend, string Server, ServerAdmin Admin, int? Weight = null);

/// <summary>Starts a machine, or asks its guest to shut down.</summary>
/// <param name="Hard">Pulls the plug. Only ever by a person's word.</param>
public sealed record SetPower(string Machine, string Host, bool On, bool Hard = false) : ClusterAction;

/// <summary>Starts or stops the replica threads of a database.</summary>
public sealed record SetReplication(string Machine, bool Run) : ClusterAction;

public sealed record SetSingleton(string Machine, string Singleton, bool Run) : ClusterAction;

/// <summary>Ends one session on a database. Offered, never automatic (F4).</summary>
public sealed record EndSession(string Machine, long Session) : ClusterAction;

/// <summary>Something only a person can do or say. The answer comes as a decision, not as a reply.</summary>
/// <param name="Text">The exact instruction.</param>
/// <param name="InPlaceOf">The action the person carries out by hand; null: nothing to carry out, only to confirm.</param>
public sealed record Instruct(string Machine, string Text, ClusterAction? InPlaceOf = null) : ClusterAction;
