using Changeover.Drivers.Database;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// Databases, what each lacks of its source, and who is connected, as it was seen. Numbers of servers and transactions are the
/// simulated cluster's own: what stands between two databases is carried over, not what each is called there.
/// </summary>
internal static class DatabasesAsSeen
{
    /// <summary>More transactions than a log holds, so that a later log always counts more of them.</summary>
    private const long PerLog = 1_000_000;

    /// <summary>Where only its unit tells that it is MySQL.</summary>
    private const string Mysql = "8.4.7";

    public static void Apply(Sighting seen)
    {
        MachineTruth[] order = [.. seen.Truth.Machines.Where(m => m.Database is not null).OrderBy(m => m.Database!.ServerId)];
        foreach (var machine in order)
            Server(seen, machine, machine.Database!);
        // By the place of the server in every list of transactions; a replica acknowledges none.
        long[] acknowledged = [.. order.Select(m => m.Database!.IsMaster ? Acknowledged(m.Database, seen.Facts<DatabaseFacts>(SubjectKind.Database, m.Name)) : 0)];
        // One that is off has what it had.
        MachineTruth[] anew = [.. order.Where(m => m.Power == Power.On || m.Database!.Total == 0)];
        foreach (var machine in anew)
            Holds(seen, machine, order, acknowledged);
        foreach (var machine in anew)
            Lacks(seen, machine, machine.Database!);
        foreach (var machine in anew)
            Logs(seen, machine.Name, machine.Database!);
        foreach (var machine in anew)
            Reads(seen, machine.Database!);
        foreach (var machine in order)
            Sessions(seen, machine);
        foreach (var machine in order)
            machine.Database!.Writers = seen.Truth.Sessions.Count(s => s.Writes && s.Database == machine.Name);
    }

    private static void Server(Sighting seen, MachineTruth machine, DatabaseTruth db)
    {
        var facts = seen.Facts<DatabaseFacts>(SubjectKind.Database, machine.Name);
        db.Running = machine.Power == Power.On && seen.Problem(SubjectKind.Database, machine.Name) != DatabaseFindings.NotAnswering.Code;
        if (facts is null)
        {
            // One that does not answer is still told by the unit that starts it.
            if (seen.Facts<BootFacts>(SubjectKind.Boot, machine.Name)?.Units.Any(u => u.Name == "mysql") == true)
                db.Version = Mysql;
            if (db.Channel is not { } unknown)
                return;
            var runs = db.Running && seen.Dice.Chance(0.5);
            unknown.IoState = runs ? ReplicationThread.Running : ReplicationThread.Stopped;
            // A server that is down starts its threads when it comes back.
            unknown.Io = unknown.Sql = runs || !db.Running;
            return;
        }
        db.Version = facts.Product == "mysql" || facts.Version.Contains("MariaDB", StringComparison.Ordinal) ? facts.Version : $"{facts.Version}-MariaDB";
        // GTIDs that are on show in what it has, or where nothing was written yet, in how its channel follows.
        db.GtidMode = facts.Gtid.Length > 0 || facts.Channels.Any(c => c.UsesGtid);
        db.ReadOnly = facts.ReadOnly;
        db.EventScheduler = facts.EventScheduler;
        db.StandingJobs = [.. facts.StandingJobs];
        db.LogNumber = Number(facts.LogFile) ?? db.LogNumber;
        db.OldestLogNumber = Math.Min(db.LogNumber, Number(facts.OldestLog) ?? db.LogNumber);
        db.Channel = facts.Channels is not [var channel, ..] ? null : new()
        {
            Source = seen.Called(channel.SourceHost)?.Name ?? db.Channel?.Source ?? machine.Name,
            IoState = channel.Io == ReplicationThread.Unknown ? ReplicationThread.Connecting : channel.Io,
            Io = channel.Io != ReplicationThread.Stopped || channel.IoErrno != 0,
            Sql = channel.SqlRunning || channel.SqlErrno != 0,
            IoErrno = channel.IoErrno,
            SqlErrno = channel.SqlErrno,
            PasswordWrong = channel.IoErrno == DatabaseModel.AccessDenied,
            UsesGtid = channel.UsesGtid,
            Read = new long[db.Has.Length],
        };
    }

    private static int? Number(string log) => (int?)Positions.LogNumber(log)?.Number;

    /// <summary>How much a master has acknowledged itself: never less in a later picture.</summary>
    private static long Acknowledged(DatabaseTruth db, DatabaseFacts? facts) =>
        facts is null && db.Total > 0 ? db.Has[db.ServerId - 1] : (db.LogNumber * PerLog) + Events(facts);

    /// <summary>In the present log.</summary>
    private static long Events(DatabaseFacts? facts) => facts is null ? 0 : Math.Max(0, (facts.LogPosition - 325) / Timings.TransactionBytes);

    /// <summary>As if it had everything.</summary>
    private static void Holds(Sighting seen, MachineTruth machine, MachineTruth[] order, long[] acknowledged)
    {
        var db = machine.Database!;
        db.Has = [.. acknowledged];
        // MariaDB names the server that its newest transaction came from.
        var origin = MariaGtid.Parse(seen.Facts<DatabaseFacts>(SubjectKind.Database, machine.Name)?.Gtid ?? "") is [var newest, ..] ? newest.Server : 0;
        db.LastOrigin = order.FirstOrDefault(m => seen.Facts<DatabaseFacts>(SubjectKind.Database, m.Name)?.ServerId == origin)?.Database!.ServerId ?? db.LastOrigin;
        db.WriteCredit = db.ApplyCredit = 0;
    }

    /// <summary>Takes away what its source has and it has not.</summary>
    private static void Lacks(Sighting seen, MachineTruth machine, DatabaseTruth db)
    {
        if (db.Channel is not { } channel || seen.Truth.Find(channel.Source)?.Database is not { } source || source == db)
            return;
        var known = seen.Facts<DatabaseFacts>(SubjectKind.Database, machine.Name)?.Channels.FirstOrDefault();
        var had = seen.Facts<DatabaseFacts>(SubjectKind.Database, channel.Source);
        // The source goes on between two looks: only where nobody reads does its position say what is missing.
        var unread = known is null || had is null || known.Io == ReplicationThread.Running ? 0
            : known.ReadFile == had.LogFile ? Math.Max(0, (had.LogPosition - known.ReadPosition) / Timings.TransactionBytes)
            : known.ReadFile.Length > 0 ? 1 : 0;
        var unapplied = known is null ? 0
            : known.Lag is { } lag ? lag / Timings.ApplyLagging
            : known.ReadFile == known.ExecFile ? Math.Max(0, (known.ReadPosition - known.ExecPosition) / Timings.TransactionBytes) : 1;
        var origin = (source.IsMaster ? source.ServerId : source.LastOrigin) - 1;
        if (origin == db.ServerId - 1)
            return;
        channel.Read[origin] = (long)unapplied;
        db.Has[origin] = Math.Max(0, source.Has[origin] - unread - channel.Read[origin]);
        db.Lagging = known?.Lag > TimeSpan.FromSeconds(10) && seen.Dice.Chance(0.5);
    }

    /// <summary>Everything a server has is in its logs from the oldest one on.</summary>
    private static void Logs(Sighting seen, string machine, DatabaseTruth db)
    {
        db.LogBase = db.Total - Events(seen.Facts<DatabaseFacts>(SubjectKind.Database, machine));
        db.OldestLogBase = db.LogBase - ((db.LogNumber - db.OldestLogNumber) * PerLog);
    }

    private static void Reads(Sighting seen, DatabaseTruth db)
    {
        if (db.Channel is not { } channel || seen.Truth.Find(channel.Source)?.Database is not { } source)
            return;
        var missing = 0L;
        for (var i = 0; i < source.Has.Length; i++)
        {
            if (i != db.ServerId - 1)
                missing += Math.Max(0, source.Has[i] - db.Has[i] - channel.Read[i]);
        }
        channel.ReadFile = source.LogFile;
        channel.ReadPosition = Math.Max(4, source.LogPosition - (missing * Timings.TransactionBytes));
    }

    /// <summary>
    /// Who holds a session that comes through a balancer cannot be seen: the software that needs the database has them in equal
    /// parts, and where none of it runs nobody will end them.
    /// </summary>
    private static void Sessions(Sighting seen, MachineTruth machine)
    {
        var db = machine.Database!;
        (string Machine, string Service)[] clients =
        [
            .. seen.Truth.Machines.SelectMany(m => m.Services.Where(s => s is { NeedsDatabase: true, Run: ServiceRun.Running }).Select(s => (m.Name, s.Name))),
        ];
        var next = 0;
        foreach (var (from, id, age) in From(seen, machine))
        {
            var balanced = from.Balancer is not null;
            var client = balanced && clients.Length > 0 ? clients[next++ % clients.Length]
                : (Machine: from.Name, Service: from.Services.Find(s => s is { NeedsDatabase: true, Run: ServiceRun.Running })?.Name ?? "");
            var isForgotten = client.Service.Length == 0;
            db.NextSession = Math.Max(db.NextSession, id + 1);
            seen.Truth.Sessions.Add(new()
            {
                Id = id,
                Client = client.Machine,
                Service = client.Service,
                Balancer = balanced ? from.Name : "",
                Database = machine.Name,
                Since = -age,
                Writes = !isForgotten || seen.Dice.Chance(0.5),
                Forgotten = isForgotten,
            });
        }
    }

    /// <summary>Where each comes from, as the database says; where that cannot be asked, as the balancers do.</summary>
    private static IEnumerable<(MachineTruth From, long Id, TimeSpan Age)> From(Sighting seen, MachineTruth machine)
    {
        if (seen.Facts<DatabaseFacts>(SubjectKind.Database, machine.Name) is { } facts)
        {
            return facts.Sessions
                .Select(s => (From: s.Host is "localhost" ? machine : seen.Called(s.Host), s.Id, Age: TimeSpan.FromSeconds(s.Seconds)))
                .Where(s => s.From is not null).Select(s => (s.From!, s.Id, s.Age));
        }
        var first = machine.Database!.NextSession;
        return seen.Truth.Machines
            .SelectMany(b => (b.Balancer?.Servers ?? [])
                .Where(s => s.Machine == machine.Name && s.Backend == seen.Truth.WriterBackend)
                .SelectMany(s => Enumerable.Repeat(b, seen.Facts<BalancerFacts>(SubjectKind.Balancer, b.Name)?.Server(s.Backend, s.Name)?.Sessions ?? 0)))
            .Select((b, i) => (b, first + i, TimeSpan.Zero));
    }
}
