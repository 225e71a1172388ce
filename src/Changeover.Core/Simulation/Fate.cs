namespace Changeover.Simulation;

/// <summary>What becomes of one request on its way.</summary>
public enum Fate
{
    /// <summary>It takes effect and is answered.</summary>
    Arrives,

    /// <summary>It never arrives; the asker hears nothing.</summary>
    IsLost,

    /// <summary>It takes effect; the asker hears nothing.</summary>
    AnswerIsLost,

    /// <summary>It takes effect; its answer comes after the answers to later questions, or not in time at all.</summary>
    AnswerIsLate,
}
