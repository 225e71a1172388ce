using System.Text.Json.Serialization;

namespace Changeover.Simulation;

/// <summary>A cluster between two commands.</summary>
internal sealed record SavedWorld(
    int Version,
    string Cluster,
    DateTimeOffset Start,
    TimeSpan Now,
    long Sequence,
    ulong Dice,
    ulong TraceHash,
    TimeSpan Settled,
    FaultPlan Plan,
    List<Fault> Armed,
    GroundTruth Truth,
    List<Entry> Pending);

[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(SavedWorld))]
[JsonSerializable(typeof(FaultPlan))]
internal sealed partial class WorldJson : JsonSerializerContext;
