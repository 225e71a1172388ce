using System.Text.Json;
using System.Text.Json.Serialization;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover;

/// <summary>How Core's data looks in journal and files. Names are camelCase, enumerations are words, times are RFC 3339 in UTC.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClusterInventory))]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(Step))]
[JsonSerializable(typeof(Standing))]
[JsonSerializable(typeof(Baseline))]
[JsonSerializable(typeof(Facts))]
[JsonSerializable(typeof(Condition))]
[JsonSerializable(typeof(ClusterAction))]
[JsonSerializable(typeof(RunEvent))]
public sealed partial class CoreJson : JsonSerializerContext;
