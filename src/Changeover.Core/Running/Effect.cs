using Changeover.Knowledge;

namespace Changeover.Running;

/// <summary>What should be in flight in a state. Computed, never stored: a lost effect is simply still pending.</summary>
public abstract record Effect
{
    /// <summary>Ask one target for these subjects.</summary>
    /// <param name="Costly">For what is asked seldom because the answer costs the machine much. The other questions do not wait for these.</param>
    public sealed record Ask(string Target, bool Costly, ImmutableArray<Subject> Subjects) : Effect
    {
        /// <summary>Only one exchange of this name is on its way at a time; what came due meanwhile goes with the next.</summary>
        public string Lane => Costly ? $"{Target}, costly" : Target;
    }

    /// <summary>Carry out an action. Its identity includes the attempt, so that a late answer cannot be taken for another's.</summary>
    public sealed record Perform(string Step, int Attempt, ClusterAction Action) : Effect;

    /// <summary>Ask a person.</summary>
    public sealed record Instruct(string Step, Changeover.Knowledge.Instruct Instruction) : Effect;
}
