using System.Text.Json.Serialization;

namespace Changeover.Journal;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunnerIdentity))]
internal sealed partial class JournalJson : JsonSerializerContext;
