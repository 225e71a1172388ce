namespace Changeover.Lab.Matrix;

/// <summary>One thing to be seen on the real cluster. It begins and ends with the normal state; when it fails, the lab is reset.</summary>
/// <param name="Play">Throws a <see cref="LabException"/> that says what was seen when it is not as it must be.</param>
public sealed record Case(string Name, string Summary, Func<Stage, Task> Play);
