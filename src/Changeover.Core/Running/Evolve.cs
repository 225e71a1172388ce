using System.Diagnostics;
using Changeover.Knowledge;

namespace Changeover.Running;

public static partial class Engine
{
    /// <summary>The state after an event. No rules here, only bookkeeping.</summary>
    public static RunState Evolve(RunState? state, RunEvent happened)
    {
        if (happened is RunStarted started)
            return Begin(started);
        ArgumentNullException.ThrowIfNull(state);
        var at = happened.At;
        if (happened is Looked looked)
            return state with { Now = at, Snapshot = state.Snapshot.With(looked.Observations), Settled = null };
        state = state with { Now = at, Settled = null };
        return happened switch
        {
            RunResumed e => Resume(state, e),
            StepReady e => Set(state, e.Step, s => s with
            {
                Status = StepStatus.Checking,
                Since = at,
                LookFrom = at,
                HeldSince = null,
                ProgressAt = null,
                ProgressMark = null,
                Findings = [],
                StartedAt = s.StartedAt ?? at.Utc,
                HeldUp = s.HeldUp || state.IsHalted,
            }),
            StepActing e => Set(state, e.Step, s => s with { Status = StepStatus.Acting, Since = at, Attempt = e.Attempt, Hard = e.Hard, Acted = true, ActedAt = s.ActedAt ?? at.Utc, Doubt = false, Findings = [] })
                with
            { LastAction = at },
            StepHeard e => Set(state, e.Step, s => s with
            {
                Status = e.Reception.Kind == ReceptionKind.NotSent ? StepStatus.Checking : StepStatus.Verifying,
                Since = at,
                LookFrom = at,
                HeldSince = null,
                Doubt = e.Reception.Kind == ReceptionKind.Unclear,
            }) with
            { LastAction = at },
            StepDone e => Set(state, e.Step, s => s with { Status = StepStatus.Done, Since = at, Outcome = e.Outcome, Findings = e.Notes ?? s.Findings, EndedAt = at.Utc, StartedAt = s.StartedAt ?? at.Utc }),
            StepHalted e => Set(HoldUp(state), e.Step, s => s with { Status = StepStatus.Halted, Since = at, Findings = e.Findings })
                with
            { Suspects = state.Suspects.Remove(e.Step) },
            Holding e => Set(state, e.Step, s => s with { HeldSince = e.Since }),
            Progressed e => Set(state, e.Step, s => s with { ProgressAt = at, ProgressMark = e.Mark }),
            PictureTaken e => state with { Baseline = state.Baseline with { Quieted = e.Facts } },
            Suspected e => state with { Suspects = e.Suspect ? state.Suspects.SetItem(e.Standing, at) : state.Suspects.Remove(e.Standing) },
            StandingBroken e => HoldUp(state) with { Broken = state.Broken.SetItem(e.Standing, e.Findings), Suspects = state.Suspects.Remove(e.Standing) },
            StandingMended e => state with { Broken = state.Broken.Remove(e.Standing) },
            StandingAccepted e => state with { Broken = state.Broken.Remove(e.Standing), AcceptedStandings = state.AcceptedStandings.Add(e.Standing) },
            PauseAsked e => state with { Holds = state.Holds.Add(e.Gate) },
            HoldReached e => state with { HoldsReached = state.HoldsReached.Add(e.Gate) },
            HoldReleased e => state with { HoldsReached = state.HoldsReached.Remove(e.Gate), Holds = state.Holds.Remove(e.Gate) },
            Decision => state,
            ClaimRenewed e => state with { Renewing = state.Renewing.Remove(e.Machine) },
            DowntimeExtending e => state with
            {
                Extensions = state.Extensions.SetItem(e.Step, new(state.Extensions.GetValueOrDefault(e.Step)?.Until, e.Until, e.Attempt)),
            },
            DowntimeExtended e when state.Extensions.GetValueOrDefault(e.Step) is { } asked && asked.Attempt == e.Attempt => state with
            {
                Extensions = state.Extensions.SetItem(e.Step, e.Reception.Kind == ReceptionKind.Accepted
                    ? new(asked.Wanted, null, e.Attempt)
                    : asked with { Wanted = null, TriedAt = at }),
            },
            DowntimeExtended => state,
            MendAsked e => state with { Mends = e.Number, Mending = state.Mending.SetItem(e.Step, new(e.Number, e.Actions, [])), LastAction = at },
            MendHeard e when state.Mending.GetValueOrDefault(e.Step) is { } mend && mend.Number == e.Number => state with
            {
                Mending = mend.Heard.Add(e.Part) is var heard && heard.Count == mend.Actions.Length ? state.Mending.Remove(e.Step) : state.Mending.SetItem(e.Step, mend with { Heard = heard }),
                LastAction = at,
            },
            MendHeard => state,
            StopAsked => state with { Stopping = true },
            Refusing e => state with { IsRefusing = true, Refusal = e.Findings },
            ClaimGivenBack e => state with { GivenBack = state.GivenBack.Add(e.Machine) },
            RunEnded e => state with { Outcome = e.Outcome, EndedAt = at.Utc },
            _ => throw new UnreachableException(happened.GetType().Name),
        };
    }

    /// <summary>The state of a whole journal.</summary>
    public static RunState Fold(IEnumerable<RunEvent> events) =>
        events.Aggregate((RunState?)null, Evolve) ?? throw new InvalidOperationException("the journal has no event of this run");

    private static RunState Begin(RunStarted e)
    {
        var waiting = new StepState(StepStatus.Waiting, e.At, e.At);
        return new()
        {
            Run = e.Run,
            Controller = e.Controller,
            Epoch = e.Epoch,
            Inventory = e.Inventory,
            Plan = e.Plan,
            Baseline = e.Plan.Baseline,
            Steps = new(e.Plan, [.. e.Plan.Steps.Select(_ => waiting)]),
            Holds = [.. e.Holds],
            Now = e.At,
            LastAction = e.At,
            StartedAt = e.At.Utc,
        };
    }

    /// <summary>
    /// Everything is stale. What was acting is verified, never repeated: look before touching. Budgets begin anew, because the
    /// old runner's monotonic clock means nothing here.
    /// </summary>
    private static RunState Resume(RunState state, RunResumed e)
    {
        return state with
        {
            Controller = e.Controller,
            Epoch = e.Epoch,
            Inventory = e.Inventory ?? state.Inventory,
            Stopping = false,
            Snapshot = Snapshot.Empty,
            LastAction = e.At,
            Suspects = ImmutableDictionary<string, Moment>.Empty,
            Renewing = [.. ClaimsHeld(state)],
            SurelyHeld = [.. ClaimsHeld(state).Where(m => IsSurelyHeld(state, m))],
            // What was being asked for is asked for again, by its own number; the old runner's monotonic clock means nothing here.
            Extensions = state.Extensions.ToImmutableSortedDictionary(x => x.Key, x => x.Value with { Wanted = null, TriedAt = null }),
            Steps = state.Steps.Select((step, s) => s with
            {
                Status = s.Status == StepStatus.Acting && !step.IsManual ? StepStatus.Verifying : s.Status,
                Since = e.At,
                LookFrom = e.At,
                HeldSince = null,
                ProgressAt = null,
                ProgressMark = null,
                Doubt = s.Doubt || (s.Status == StepStatus.Acting && !step.IsManual),
                HeldUp = s.HeldUp || IsUnderWay(s),
            }),
        };
    }

    /// <summary>Machines that carry this run's claim as far as the journal tells: taken, not given back, not powered off since.</summary>
    public static IEnumerable<string> ClaimsHeld(RunState state)
    {
        foreach (var step in state.Plan.Steps)
        {
            if (step.Action is not TakeClaim claim || state.Steps[step.Id] is not ({ Acted: true } or { Status: StepStatus.Done }))
                continue;
            if (state.GivenBack.Contains(claim.Machine))
                continue;
            var gone = state.Plan.Steps.Any(s =>
                (s.Action is ReleaseClaim r && r.Machine == claim.Machine && IsGivenBack(state.Steps[s.Id]))
                || (s.Deed is SetPower { On: false } p && p.Machine == claim.Machine && state.Steps[s.Id] is { Acted: true }));
            if (!gone)
                yield return claim.Machine;
        }
    }

    /// <summary>The claim was seen there and nobody has asked to give it back, as far as this journal knows.</summary>
    private static bool IsSurelyHeld(RunState state, string machine) =>
        state.Plan.Steps.Any(s => s.Action is TakeClaim take && take.Machine == machine && state.Steps[s.Id].Status == StepStatus.Done)
        && !state.Plan.Steps.Any(s => s.Action is ReleaseClaim release && release.Machine == machine && state.Steps[s.Id].Acted);

    /// <summary>Seen given back, or the machine said so: a resume that took the claim again would never see it gone.</summary>
    private static bool IsGivenBack(StepState release) => release is { Status: StepStatus.Done } or { Status: StepStatus.Verifying, Acted: true, Doubt: false };

    /// <summary>What is under way waits from now on, or would if it had to act.</summary>
    private static RunState HoldUp(RunState state) =>
        state with { Steps = state.Steps.Select((_, s) => IsUnderWay(s) ? s with { HeldUp = true } : s) };

    private static bool IsUnderWay(StepState s) => s.Status is not (StepStatus.Waiting or StepStatus.Done);

    private static RunState Set(RunState state, string step, Func<StepState, StepState> change) =>
        state with { Steps = state.Steps.With(step, change(state.Steps[step])) };
}
