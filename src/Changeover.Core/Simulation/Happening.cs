using System.Text.Json.Serialization;

namespace Changeover.Simulation;

/// <summary>Something that is going to happen in the simulated cluster. Data, so that a saved cluster keeps it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "what")]
[JsonDerivedType(typeof(BootEnds), "boot-ends")]
[JsonDerivedType(typeof(PowerGoes), "power-goes")]
[JsonDerivedType(typeof(BootStarts), "boot-starts")]
[JsonDerivedType(typeof(NodeJoins), "node-joins")]
[JsonDerivedType(typeof(NodeMissed), "node-missed")]
[JsonDerivedType(typeof(ClusterDecides), "cluster-decides")]
[JsonDerivedType(typeof(ActionEnds), "action-ends")]
[JsonDerivedType(typeof(ScoreRefreshes), "score-refreshes")]
[JsonDerivedType(typeof(SyncEnds), "sync-ends")]
[JsonDerivedType(typeof(CheckEnds), "check-ends")]
[JsonDerivedType(typeof(ServiceTurns), "service-turns")]
[JsonDerivedType(typeof(ClientConnects), "client-connects")]
[JsonDerivedType(typeof(ReplicaConnects), "replica-connects")]
[JsonDerivedType(typeof(ReplicaNotices), "replica-notices")]
[JsonDerivedType(typeof(SingletonsCounted), "singletons-counted")]
[JsonDerivedType(typeof(BackupEnds), "backup-ends")]
[JsonDerivedType(typeof(FaultStrikes), "fault-strikes")]
public abstract record Happening;

public sealed record BootEnds(string Machine, int Boot) : Happening;

public sealed record PowerGoes(string Machine, int Boot, string Task) : Happening;

/// <summary>A part that starts at boot: balancer, database, or the name of a service.</summary>
public sealed record BootStarts(string Machine, int Boot, string Part) : Happening;

public sealed record NodeJoins(string Machine, int Boot) : Happening;

public sealed record NodeMissed(string Machine, int Boot) : Happening;

public sealed record ClusterDecides(string Pair) : Happening;

public sealed record ActionEnds(string Pair, string Role, string Machine, int Boot, string Action) : Happening;

public sealed record ScoreRefreshes(string Pair, string Role, string Machine, int Boot) : Happening;

public sealed record SyncEnds(string Pair, string Role, TimeSpan End) : Happening;

public sealed record CheckEnds(string Balancer, string Backend, string Server, TimeSpan ProcessStart) : Happening;

public sealed record ServiceTurns(string Machine, string Service, int Turn) : Happening;

public sealed record ClientConnects(string Machine, string Service, int Turn) : Happening;

public sealed record ReplicaConnects(string Machine, int Boot, int Turn = 0) : Happening;

public sealed record ReplicaNotices(string Machine, int Boot) : Happening;

public sealed record SingletonsCounted(string Name) : Happening;

public sealed record BackupEnds(string Machine, string Backup) : Happening;

public sealed record FaultStrikes(Fault Fault) : Happening;

/// <param name="Sequence">Orders what is due at the same time.</param>
public sealed record Entry(TimeSpan Due, long Sequence, Cause Cause, Happening Happening);
