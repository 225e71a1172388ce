using Changeover.Lab.Machines;

namespace Changeover.Lab.Breaks;

/// <summary>One way to break the lab, and the way back.</summary>
/// <param name="Fits">The machines it can be done to.</param>
/// <param name="Lasts">It is still there after the machine was off; the others end with its next start.</param>
/// <param name="Apply">Does it; what it returns is kept and given to <paramref name="Mend"/>.</param>
public sealed record Break(
    string Name, string Summary, string Machine, bool Lasts, Func<Machine, bool> Fits, Func<Machine, Power, Task<string>> Apply, Func<Machine, Power, string, Task> Mend);

/// <param name="Memory">What the break has to know to undo itself.</param>
public sealed record ActiveBreak(string Name, string Machine, DateTimeOffset Since, string Memory);
