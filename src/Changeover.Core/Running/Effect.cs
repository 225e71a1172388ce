using Changeover.Knowledge;

namespace Changeover.Running;

/// <summary>What should be in flight in a state. Computed, never stored: a lost effect is simply still pending.</summary>
public abstract record Effect
{
    /// <summary>Ask one target for these subjects.</summary>
    public sealed record Ask(string Target, ImmutableArray<Subject> Subjects) : Effect;

    /// <summary>Carry out an action. Its identity includes the attempt, so that a late answer cannot be taken for another's.</summary>
    public sealed record Perform(string Step, int Attempt, ClusterAction Action) : Effect;

    /// <summary>Ask a person.</summary>
    public sealed record Instruct(string Step, Changeover.Knowledge.Instruct Instruction) : Effect;
}
