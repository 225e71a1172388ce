using System.Collections.Immutable;
using System.Text.Json;
using Changeover.Running;

namespace Changeover.Tests.Running;

internal static class EventText
{
    /// <summary>All of them, also those that do not go into the journal.</summary>
    public static string Of(ImmutableArray<RunEvent> events) => string.Join(
        '\n', events.Select(e => e.IsDurable ? JsonSerializer.Serialize(e, CoreJson.Default.RunEvent) : e is Looked ? "looked" : e.ToString()));
}
