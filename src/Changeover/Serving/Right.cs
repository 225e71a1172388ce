namespace Changeover.Serving;

/// <summary>What somebody may do; each includes those before it.</summary>
public enum Right
{
    None,

    /// <summary>See cluster, health, plans of runs, runs and reports.</summary>
    View,

    /// <summary>Derive a plan.</summary>
    Plan,

    /// <summary>Approve a plan that somebody else starts.</summary>
    Approve,

    /// <summary>Start, resume, stop, and decide.</summary>
    Run,
}

/// <summary>Who asks.</summary>
/// <param name="Name">As it is recorded in the journal.</param>
/// <param name="Identity">What the provider said of who came by it; null: came otherwise.</param>
/// <param name="AtSocket">Known by the kernel's word, at the Unix socket.</param>
public sealed record Person(string Name, Right Right, Identity? Identity = null, bool AtSocket = false);
