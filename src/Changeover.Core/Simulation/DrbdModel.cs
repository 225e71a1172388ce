using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// DRBD under the cluster's clone: connection, resync, who holds writes the other lacks, and what a split brain is made of.
/// </summary>
internal sealed class DrbdModel(World world)
{
    /// <summary>Connection and its loss follow from what is up; a new connection decides who is behind.</summary>
    public void Relink(PairTruth pair, ResourceSetTruth set)
    {
        if (!set.HasDrbd)
            return;
        var connected = set.First.Up && set.Second.Up && !set.First.StandAlone && !set.Second.StandAlone && !pair.LinkCut;
        if (connected == set.Connected)
            return;
        set.Connected = connected;
        if (connected)
            Meet(pair, set);
        else
            Part(pair, set);
    }

    private void Part(PairTruth pair, ResourceSetTruth set)
    {
        world.Doings.Parted(set);
        if (set.SyncSource.Length > 0)
        {
            // What was not copied yet stays behind; the target keeps an inconsistent disk.
            set.On(pair, set.SyncSource).DirtyKiB = OutOfSync(pair, set, set.SyncSource);
            set.SyncSource = "";
        }
        Alone(set.First);
        Alone(set.Second);
        Refresh(pair, set, pair.First, set.First);
        Refresh(pair, set, pair.Second, set.Second);
    }

    private void Alone(InstanceTruth here)
    {
        if (here.Role != ResourceRole.Promoted)
            return;
        here.WroteAlone = true;
        here.AloneSince ??= world.Now;
    }

    private void Meet(PairTruth pair, ResourceSetTruth set)
    {
        StopsCounting(set.First);
        StopsCounting(set.Second);
        if (set.First.WroteAlone && set.Second.WroteAlone)
        {
            set.First.StandAlone = set.Second.StandAlone = true;
            set.Connected = false;
            Alone(set.First);
            Alone(set.Second);
            world.Violate(Invariants.SplitBrain, pair.Name, $"DRBD {set.DrbdName}: both sides wrote alone, they do not connect any more");
            return;
        }
        var source = set.First.WroteAlone || set.Second.Disk != DrbdDisk.UpToDate ? pair.First
            : set.Second.WroteAlone || set.First.Disk != DrbdDisk.UpToDate ? pair.Second
            : "";
        if (source.Length == 0)
        {
            Refresh(pair, set, pair.First, set.First);
            Refresh(pair, set, pair.Second, set.Second);
            return;
        }
        var target = set.On(pair, pair.Other(source));
        target.Disk = DrbdDisk.Inconsistent;
        target.WroteAlone = false;
        target.Score = 10;
        set.SyncSource = source;
        set.SyncStart = world.Now;
        StartResync(pair, set, Math.Max(4, set.On(pair, source).DirtyKiB));
    }

    private void StartResync(PairTruth pair, ResourceSetTruth set, long kib)
    {
        set.SyncTotalKiB = kib;
        var takes = TimeSpan.FromMilliseconds(kib * 1000 / set.ResyncRate);
        set.SyncEnd = world.Now + (takes > Timings.ResyncLeast ? takes : Timings.ResyncLeast);
        world.After(set.SyncEnd - world.Now, new SyncEnds(pair.Name, set.Role, set.SyncEnd));
    }

    /// <summary>The rate changes while a resync may run.</summary>
    public void SetRate(PairTruth pair, ResourceSetTruth set, long kibPerSecond)
    {
        set.ResyncRate = kibPerSecond;
        if (set.SyncSource.Length == 0)
            return;
        var left = OutOfSync(pair, set, set.SyncSource);
        set.SyncStart = world.Now;
        StartResync(pair, set, Math.Max(4, left));
        world.Pacemaker.Changed(pair);
    }

    public void SyncEnds(SyncEnds ends)
    {
        var pair = world.Pair(ends.Pair);
        var set = world.Truth.SetOf(pair.First, ends.Role)!;
        if (set.SyncSource.Length == 0 || set.SyncEnd != ends.End)
            return;
        var source = set.On(pair, set.SyncSource);
        source.DirtyKiB = 0;
        source.WroteAlone = false;
        var target = pair.Other(set.SyncSource);
        set.On(pair, target).Disk = DrbdDisk.UpToDate;
        set.SyncSource = "";
        world.Pacemaker.Changed(pair);
        Refresh(pair, set, target, set.On(pair, target));
    }

    /// <summary>By hand: drbdadm disconnect and connect on one machine.</summary>
    public void SetStandAlone(PairTruth pair, ResourceSetTruth set, string machine, bool standAlone)
    {
        set.On(pair, machine).StandAlone = standAlone;
        Relink(pair, set);
        world.Pacemaker.Changed(pair);
    }

    /// <summary>Both copies hold writes that the other lacks.</summary>
    public void Split(PairTruth pair, ResourceSetTruth set)
    {
        if (!set.First.Up || !set.Second.Up)
            return;
        set.First.StandAlone = set.Second.StandAlone = true;
        Relink(pair, set);
        foreach (var here in (ReadOnlySpan<InstanceTruth>)[set.First, set.Second])
        {
            here.WroteAlone = true;
            here.DirtyKiB = Math.Max(here.DirtyKiB, Timings.AloneKiBPerSecond);
        }
        world.Violate(Invariants.SplitBrain, pair.Name, $"DRBD {set.DrbdName}: both sides wrote alone, they do not connect any more");
        world.Pacemaker.Changed(pair);
    }

    /// <summary>A person discards what the other machine wrote (connect --discard-my-data).</summary>
    public void Join(PairTruth pair, ResourceSetTruth set, string survivor)
    {
        set.First.StandAlone = set.Second.StandAlone = false;
        var other = set.On(pair, pair.Other(survivor));
        other.WroteAlone = false;
        other.Disk = DrbdDisk.Outdated;
        set.On(pair, survivor).Disk = DrbdDisk.UpToDate;
        Relink(pair, set);
        world.Pacemaker.Changed(pair);
    }

    /// <summary>A copy is made anew from its peer's, whole.</summary>
    public void Invalidate(PairTruth pair, ResourceSetTruth set, string machine)
    {
        if (!set.Connected || set.SyncSource.Length > 0 || set.On(pair, machine) is not { Role: ResourceRole.Unpromoted } here)
            return;
        here.Disk = DrbdDisk.Inconsistent;
        set.SyncSource = pair.Other(machine);
        set.SyncStart = world.Now;
        StartResync(pair, set, Timings.StoreKiB);
        Refresh(pair, set, machine, here);
        world.Pacemaker.Changed(pair);
    }

    public void SetScoresLag(PairTruth pair, ResourceSetTruth set, bool lag)
    {
        set.ScoresLag = lag;
        if (lag)
            return;
        Refresh(pair, set, pair.First, set.First);
        Refresh(pair, set, pair.Second, set.Second);
    }

    public void Promoted(PairTruth pair, ResourceSetTruth set, string machine, InstanceTruth here)
    {
        if (!set.Connected)
            Alone(here);
        // One that starts alone has 1000 until the agent's monitor sees it promoted.
        if (here.Score != Score(pair, set, here))
            Refresh(pair, set, machine, here);
    }

    public void StopsWriting(InstanceTruth here) => StopsCounting(here);

    private void StopsCounting(InstanceTruth here)
    {
        here.DirtyKiB = Dirty(here);
        here.AloneSince = null;
    }

    private long Dirty(InstanceTruth here) => here.AloneSince is not { } since ? here.DirtyKiB
        : Math.Min(Timings.StoreKiB, here.DirtyKiB + ((long)(world.Now - since).TotalMilliseconds * Timings.AloneKiBPerSecond / 1000));

    /// <summary>What this machine's DRBD says of its out-of-sync amount.</summary>
    public long OutOfSync(PairTruth pair, ResourceSetTruth set, string machine)
    {
        if (set.SyncSource.Length == 0)
            return Dirty(set.On(pair, machine));
        var span = set.SyncEnd - set.SyncStart;
        var left = set.SyncEnd - world.Now;
        return left <= TimeSpan.Zero ? 0 : Math.Clamp((long)(set.SyncTotalKiB * (left / span)), 1, set.SyncTotalKiB);
    }

    private void Refresh(PairTruth pair, ResourceSetTruth set, string machine, InstanceTruth here)
    {
        if (here.Up)
        {
            world.After(
                world.Dice.Between(Timings.ScoreLeast, Timings.ScoreMost),
                new ScoreRefreshes(pair.Name, set.Role, machine, world.Truth.Machine(machine).Boot));
        }
    }

    /// <summary>The agent's own rule (adjust_master_score "0 10 1000 10000").</summary>
    public static int? Score(PairTruth pair, ResourceSetTruth set, InstanceTruth here)
    {
        if (!here.Up)
            return null;
        var there = here == set.First ? set.Second : set.First;
        return here.Disk == DrbdDisk.UpToDate ? here.Role == ResourceRole.Promoted || set.Connected ? 10000 : 1000
            : set.Connected && there.Disk == DrbdDisk.UpToDate ? 10
            : null;
    }

    /// <summary>Why DRBD itself would refuse to become primary here; empty: it would not.</summary>
    public static string WhyNotPromoted(PairTruth pair, ResourceSetTruth set, string machine)
    {
        var here = set.On(pair, machine);
        var there = set.On(pair, pair.Other(machine));
        return set.Connected && there.Role == ResourceRole.Promoted ? "State change failed: (-1) Multiple primaries not allowed by config"
            : here.Disk != DrbdDisk.UpToDate && !set.Connected ? "State change failed: (-2) Need access to UpToDate data"
            : "";
    }
}
