using System.Diagnostics;

namespace Changeover.Lab.Lifecycle;

/// <summary>Waits with a budget, and gives up early when what it waits for has died.</summary>
public static class Wait
{
    /// <param name="dead">Why it can never come true any more, or null.</param>
    /// <param name="pause">Between two looks; long where a look itself is work for a machine that still starts.</param>
    public static async Task Until(string what, TimeSpan budget, Func<Task<bool>> holds, Func<string?>? dead = null, TimeSpan? pause = null)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            if (dead?.Invoke() is { } reason) throw new LabException(1, $"waited for \"{what}\": {reason}");
            if (clock.Elapsed > budget) throw new LabException(1, $"waited for \"{what}\": not so after {budget.TotalSeconds:0} s; see {LabPaths.State}/machines/*/console.log");
            await Task.Delay(pause ?? TimeSpan.FromSeconds(0.5));
        }
    }
}
