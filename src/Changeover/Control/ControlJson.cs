using System.Text.Json.Serialization;

namespace Changeover.Control;

[JsonSerializable(typeof(string))]
internal sealed partial class ControlJson : JsonSerializerContext;
