using System.Globalization;
using Changeover.Planning;
using Changeover.Running;

namespace Changeover.Reporting;

/// <summary>How long a plan is expected to take, for people who are about to approve it.</summary>
internal static class ScheduleText
{
    /// <summary>The plan as text, with the lines that say how long.</summary>
    public static string Plan(Plan plan, Schedule schedule) => string.Create(CultureInfo.InvariantCulture,
        $"""
        {PlanText.Text(plan)}

        expected  {RunText.Span(schedule.Takes)}{Callers(schedule.Interruption)}
                  {Source(plan, schedule)}
        at most   {RunText.Span(schedule.Budget)}{Callers(schedule.InterruptionBudget)}, if every step takes all of its budget
        """);

    private static string Callers(TimeSpan? without) => without is { } span ? $", callers without service {RunText.Span(span)}" : ", callers are not interrupted";

    private static string Source(Plan plan, Schedule schedule)
    {
        var steps = plan.Steps.Where(s => !s.IsGate).Select(s => schedule.Steps[s.Id]).ToArray();
        var measured = steps.Count(s => s.Measured > 0);
        var nothing = steps.Count(s => s.Measured == 0 && s.Ends == s.Begins);
        return string.Create(CultureInfo.InvariantCulture,
            $"{(schedule.Runs.IsEmpty ? "no earlier run in this journal" : $"earlier runs in this journal: {schedule.Runs.Length}")}; {measured} steps measured, {steps.Length - measured - nothing} by the plan's own figures, {nothing} without any, which count as nothing; hold points and halts are not in it");
    }
}
