using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// The databases: transactions that clients commit through their sessions, replication that carries them on, and what is
/// lost when the writer changes too early. Quantities are settled when somebody looks, not second by second.
/// </summary>
internal sealed class DatabaseModel(World world)
{
    private TimeSpan settled;

    public TimeSpan Settled { get => settled; set => settled = value; }

    /// <summary>Brings every database to now: commits, then reads of sources, then applying. Masters stand before replicas.</summary>
    public void Settle()
    {
        var span = world.Now - settled;
        if (span <= TimeSpan.Zero)
            return;
        settled = world.Now;
        var order = world.DatabaseOrder;
        foreach (var machine in order)
        {
            var db = machine.Database!;
            if (!db.Running || db.Writers == 0)
                continue;
            db.WriteCredit += span.Ticks * db.Writers;
            var commits = db.WriteCredit / Timings.Transaction.Ticks;
            db.WriteCredit -= commits * Timings.Transaction.Ticks;
            if (commits == 0)
                continue;
            db.Has[db.ServerId - 1] += commits;
            db.LastOrigin = db.ServerId;
        }
        foreach (var machine in order)
        {
            if (machine.Database is { Running: true, Channel: { } channel } db)
                Replicate(db, channel, span);
        }
        foreach (var machine in order)
        {
            if (machine.Database is { Running: true, Channel: { IoState: ReplicationThread.Running } channel })
                NotePosition(channel);
        }
    }

    private void Replicate(DatabaseTruth db, ChannelTruth channel, TimeSpan span)
    {
        var source = world.Truth.Machine(channel.Source);
        var connected = channel.IoState == ReplicationThread.Running && source.Database is { Running: true } && !source.Unreachable ? source.Database : null;
        if (connected is { } from)
        {
            for (var i = 0; i < from.Has.Length; i++)
            {
                if (i != db.ServerId - 1)
                    channel.Read[i] = Math.Max(channel.Read[i], from.Has[i] - db.Has[i]);
            }
        }
        if (!channel.Sql || channel.SqlErrno != 0)
            return;
        var each = (db.Lagging ? Timings.ApplyLagging : Timings.Apply).Ticks;
        db.ApplyCredit += span.Ticks;
        var budget = db.ApplyCredit / each;
        for (var i = 0; i < channel.Read.Length; i++)
        {
            var n = Math.Min(budget, channel.Read[i]);
            if (n <= 0)
                continue;
            channel.Read[i] -= n;
            db.Has[i] += n;
            db.ApplyCredit -= n * each;
            budget -= n;
            db.LastOrigin = i + 1;
            // With everything applied, the last one here is the last one there.
            if (Unapplied(channel) == 0 && connected is { } caughtUpWith && caughtUpWith.LastOrigin != db.ServerId)
                db.LastOrigin = caughtUpWith.LastOrigin;
        }
        if (Unapplied(channel) == 0)
            db.ApplyCredit = 0;
    }

    private void NotePosition(ChannelTruth channel)
    {
        var from = world.Truth.Machine(channel.Source).Database!;
        if (!from.Running)
            return;
        channel.ReadFile = from.LogFile;
        channel.ReadPosition = from.LogPosition;
    }

    public static long Unapplied(ChannelTruth channel)
    {
        long n = 0;
        foreach (var read in channel.Read)
            n += read;
        return n;
    }

    public void Start(MachineTruth machine)
    {
        if (machine.Database is not { Running: false } db)
            return;
        Settle();
        db.Running = true;
        db.LogNumber++;
        db.LogBase = db.Total;
        if (db.Channel is { } channel)
        {
            channel.IoState = ReplicationThread.Stopped;
            if (!db.ReplicatesAtBoot)
                channel.Io = channel.Sql = false;
            if (channel.Io)
                Begin(machine, channel);
        }
        SourceIsBack(machine.Name);
        world.Balancers.HealthChanged(machine.Name);
        world.Balancers.WriterMayHaveChanged();
    }

    /// <param name="said">The server closed its connections: those who follow it notice at once.</param>
    public void Stop(MachineTruth machine, bool said)
    {
        if (machine.Database is not { Running: true } db)
            return;
        Settle();
        db.Running = false;
        world.Services.DropSessions(s => s.Database == machine.Name);
        if (db.Channel is { } own)
        {
            own.IoState = ReplicationThread.Stopped;
            // Relay logs are kept: what was read will be applied after the next start.
        }
        foreach (var follower in world.DatabaseOrder)
        {
            if (follower.Database?.Channel is not { } channel || channel.Source != machine.Name
                || (channel.IoState != ReplicationThread.Running && channel is not { IoState: ReplicationThread.Connecting, IoErrno: AccessDenied }))
                continue;
            if (said)
                Failed(follower, channel, SourceAway);
            else
                world.After(Timings.ReplicaTimeout, new ReplicaNotices(follower.Name, follower.Boot));
        }
        world.Balancers.HealthChanged(machine.Name);
        world.Balancers.WriterMayHaveChanged();
    }

    /// <summary>
    /// A try that failed. MariaDB tries so often that it is enough to let it try when its source is back; MySQL's next try is a
    /// minute away, and after the last one its thread ends.
    /// </summary>
    private void Failed(MachineTruth machine, ChannelTruth channel, int errno)
    {
        channel.IoState = ReplicationThread.Connecting;
        channel.IoErrno = errno;
        if (!machine.Database!.IsMysql || channel.ConnectPending)
            return;
        if (++channel.Attempts < Timings.MysqlRetryCount)
            Later(machine, channel, Timings.MysqlConnectRetry);
        else
            channel.IoState = ReplicationThread.Stopped;
    }

    private void Later(MachineTruth machine, ChannelTruth channel, TimeSpan after)
    {
        channel.ConnectPending = true;
        world.After(after, new ReplicaConnects(machine.Name, machine.Boot, channel.Turn));
    }

    public void Notices(ReplicaNotices notices)
    {
        var machine = world.Truth.Machine(notices.Machine);
        if (machine.Boot != notices.Boot || machine.Database?.Channel is not { IoState: not ReplicationThread.Stopped } channel)
            return;
        var source = world.Truth.Machine(channel.Source);
        if (source is { Power: Power.On, Unreachable: false, Database.Running: true })
            return;
        Settle();
        Failed(machine, channel, SourceAway);
    }

    /// <summary>Its thread begins anew; what an earlier one had still to try is forgotten.</summary>
    public void Begin(MachineTruth machine, ChannelTruth channel)
    {
        channel.Turn++;
        channel.Attempts = 0;
        channel.ConnectPending = false;
        Connect(machine, channel);
    }

    /// <summary>Its thread goes on trying.</summary>
    private void Connect(MachineTruth machine, ChannelTruth channel)
    {
        if (channel.IoState != ReplicationThread.Running)
            channel.IoState = ReplicationThread.Connecting;
        if (!channel.ConnectPending)
            Later(machine, channel, Timings.ReplicaConnect);
    }

    public void Connects(ReplicaConnects connects)
    {
        var machine = world.Truth.Machine(connects.Machine);
        if (machine.Database?.Channel is not { } channel || connects.Turn != channel.Turn)
            return;
        channel.ConnectPending = false;
        if (machine.Boot != connects.Boot || !machine.Database.Running || !channel.Io)
            return;
        var source = world.Truth.Machine(channel.Source);
        if (source is not { Power: Power.On, Unreachable: false, Database.Running: true })
        {
            Failed(machine, channel, SourceAway);
            return;
        }
        Settle();
        if (channel.PasswordWrong)
        {
            Failed(machine, channel, AccessDenied);
            return;
        }
        if (LacksLogs(machine.Database, channel, source.Database))
        {
            channel.IoState = ReplicationThread.Stopped;
            channel.IoErrno = machine.Database.IsMysql ? MysqlLogsGone : LogsGone;
            return;
        }
        channel.IoState = ReplicationThread.Running;
        channel.IoErrno = 0;
        channel.Attempts = 0;
        NotePosition(channel);
    }

    /// <summary>Nobody answers at the source's address.</summary>
    private const int SourceAway = 2003;

    /// <summary>The login is refused. It goes on trying, as it does for a source that is away.</summary>
    public const int AccessDenied = 1045;

    /// <summary>The source does not have what is asked for any more; MySQL 8 has its own number for it. The IO thread ends.</summary>
    public const int LogsGone = 1236, MysqlLogsGone = 13114;

    /// <summary>It needs more of its source than the source's logs hold.</summary>
    private static bool LacksLogs(DatabaseTruth db, ChannelTruth channel, DatabaseTruth source)
    {
        long missing = 0;
        for (var i = 0; i < source.Has.Length; i++)
        {
            if (i != db.ServerId - 1)
                missing += Math.Max(0, source.Has[i] - db.Has[i] - channel.Read[i]);
        }
        return missing > source.Total - source.OldestLogBase;
    }

    /// <summary>The login at the source changes, and the connection is made anew.</summary>
    public void SetPassword(MachineTruth machine, bool wrong)
    {
        if (machine.Database?.Channel is not { } channel)
            return;
        Settle();
        channel.PasswordWrong = wrong;
        if (!machine.Database.Running || !channel.Io)
            return;
        channel.IoState = ReplicationThread.Connecting;
        Begin(machine, channel);
    }

    /// <summary>A person has restored it from its source: it has what that has, and follows from there.</summary>
    public void Rebuild(MachineTruth machine)
    {
        if (machine.Database is not { Channel: { } channel } db)
            return;
        Settle();
        var source = world.Truth.Machine(channel.Source).Database!;
        for (var i = 0; i < db.Has.Length; i++)
        {
            db.Has[i] = Math.Max(db.Has[i], source.Has[i]);
            channel.Read[i] = 0;
        }
        db.LastOrigin = source.LastOrigin;
        channel.SqlErrno = 0;
        SetReplication(machine, true);
    }

    /// <summary>
    /// A machine answers again: those who follow it connect. One whose thread ended (its retries ran out, the logs it needs are gone)
    /// waits for a person.
    /// </summary>
    public void SourceIsBack(string source)
    {
        foreach (var follower in world.DatabaseOrder)
        {
            if (follower.Database is { Running: true, Channel: { Io: true, IoState: not ReplicationThread.Stopped } channel } && channel.Source == source)
                Connect(follower, channel);
        }
    }

    public void SetReplication(MachineTruth machine, bool run)
    {
        if (machine.Database is not { Running: true, Channel: { } channel })
            return;
        Settle();
        channel.Io = channel.Sql = run;
        if (run)
        {
            channel.SqlErrno = 0;
            channel.IoErrno = 0;
            if (channel.IoState != ReplicationThread.Running)
                Begin(machine, channel);
        }
        else
        {
            channel.IoState = ReplicationThread.Stopped;
        }
    }

    /// <summary>
    /// The balancer would send new clients here now. Nothing that the other master acknowledged may be missing here: a client
    /// would read old data and write on top of it.
    /// </summary>
    public void BecomesWriter(MachineTruth machine)
    {
        if (machine.Database is not { Running: true, IsMaster: true } db)
            return;
        world.Doings.WriterMoves();
        Settle();
        foreach (var other in world.DatabaseOrder)
        {
            if (other == machine || other.Database is not { IsMaster: true } from)
                continue;
            var missing = from.Has[from.ServerId - 1] - db.Has[from.ServerId - 1];
            if (missing > 0)
            {
                world.Violate(
                    Invariants.LostTransactions, machine.Name,
                    $"becomes the writer without {missing} transactions that {other.Name} had acknowledged");
            }
        }
    }

    /// <summary>How many sessions write here has changed.</summary>
    public void CountWriters(MachineTruth machine)
    {
        if (machine.Database is not { } db)
            return;
        var writers = 0;
        foreach (var session in world.Truth.Sessions)
        {
            if (session.Writes && session.Database == machine.Name)
                writers++;
        }
        if (writers == db.Writers)
            return;
        Settle();
        db.Writers = writers;
        if (writers > 0)
            world.Invariants.AfterWriter(machine);
    }
}
