namespace Changeover.Simulation;

/// <summary>
/// The simulator's own generator (SplitMix64, Steele/Lea/Flood 2014, public domain): the same seed gives the same numbers on
/// every machine and with every version of .NET.
/// </summary>
/// <param name="state">Any number is a good seed; the state after a draw goes on where it stopped.</param>
public sealed class Dice(ulong state)
{
    public ulong State { get; private set; } = state;

    public ulong Next()
    {
        State += 0x9E3779B97F4A7C15;
        var z = State;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 up to, not including, <paramref name="below"/>.</summary>
    public int Below(int below) => (int)(Next() % (ulong)below);

    /// <param name="probability">0 is never, 1 is always.</param>
    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    /// <summary>A whole number of milliseconds between the two, both included.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) =>
        least + TimeSpan.FromMilliseconds((long)(Next() % (ulong)((long)(most - least).TotalMilliseconds + 1)));
}
