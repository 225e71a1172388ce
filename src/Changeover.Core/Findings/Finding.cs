using System.Text.Json.Serialization;

namespace Changeover.Findings;

/// <summary>
/// Something a person must know, as data: a stable code, how bad it is, what it is about, and typed arguments. The sentence
/// comes from <see cref="FindingCatalogue"/>, so that scripts read codes and people read their own language.
/// </summary>
/// <param name="Subject">The machine, pair, file or step it is about; first word of the sentence.</param>
public sealed record Finding(FindingCode Code, string Subject, ImmutableSortedDictionary<string, string> Arguments)
{
    [JsonIgnore]
    public Severity Severity => Code.Severity;

    /// <summary>What is so, why it matters, what to do. For someone at three in the morning.</summary>
    [JsonIgnore]
    public string Message => Code.Sentence(Subject, Arguments);

    public string In(Language language) => language == Language.German ? German.Finding(this) : Message;

    /// <summary>The same words: what two machines say alike is one finding.</summary>
    public bool Equals(Finding? other) => other is not null && Code == other.Code && Subject == other.Subject && Arguments.SequenceEqual(other.Arguments);

    public override int GetHashCode() => HashCode.Combine(Code.Code, Subject);

    public override string ToString() => Message;
}

public enum Severity
{
    /// <summary>Worth knowing; stops nothing.</summary>
    Info,

    /// <summary>May hurt later; stops nothing.</summary>
    Warning,

    /// <summary>Stops. May be accepted with a reason where the step allows it.</summary>
    Error,

    /// <summary>Stops everything and can never be accepted: going on could lose data or split the cluster.</summary>
    Danger,
}

/// <summary>A kind of finding.</summary>
/// <param name="Code">Stable, lower case, dotted: <c>pacemaker.banned</c>. Part of the JSON contract.</param>
/// <param name="Template">English sentences with <c>{subject}</c> and argument names in braces: what is so, why it matters, what to do.</param>
[JsonConverter(typeof(FindingCodeJson))]
public sealed record FindingCode(string Code, Severity Severity, string Template)
{
    /// <summary>A finding of this kind. Arguments as name, value, name, value.</summary>
    public Finding On(string subject, params ReadOnlySpan<string> arguments)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < arguments.Length; i += 2)
            builder[arguments[i]] = arguments[i + 1];
        return new(this, subject, builder.ToImmutable());
    }

    public string Sentence(string subject, ImmutableSortedDictionary<string, string> arguments)
    {
        var text = Template.Replace("{subject}", subject, StringComparison.Ordinal);
        foreach (var (name, value) in arguments)
            text = text.Replace("{" + name + "}", value, StringComparison.Ordinal);
        return text;
    }
}
