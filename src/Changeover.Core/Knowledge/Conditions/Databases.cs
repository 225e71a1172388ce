using System.Globalization;
using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>
/// F4: nobody is connected, on any of these databases, and no balancer counts a session on the writer's backend. One sample;
/// the step's hold window makes it a window. Every session is named with its machine.
/// </summary>
public sealed record NoSessions(ImmutableArray<string> Databases, ImmutableArray<string> Balancers) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) =>
        Databases.Select(m => new Subject(SubjectKind.Database, m)).Concat(Balancers.Select(m => new Subject(SubjectKind.Balancer, m)));

    public override Judgement Judge(View view) =>
        View.Each(Databases, m => view.See<DatabaseFacts>(SubjectKind.Database, m, facts => On(view.Inventory, m, facts)))
        & View.Each(Balancers, b => view.See<BalancerFacts>(SubjectKind.Balancer, b, facts => On(view.Inventory, b, facts)));

    private static Judgement On(ClusterInventory inventory, string machine, DatabaseFacts facts)
    {
        if (!facts.SeesAllSessions)
            return Judgement.Unknown(WritingFindings.BlindSessions.On(machine));
        var allowed = inventory.RolesOf(inventory.Machine(machine)).SelectMany(r => r.Database?.AllowedSessions ?? []).ToArray();
        return View.Each(
            facts.Sessions.Where(s => !allowed.Any(a => Allows(a, s))),
            s => Judgement.Fails(WritingFindings.Session.On(
                machine, "user", s.User, "client", Client(inventory, s.Host), "id", s.Id.ToString(CultureInfo.InvariantCulture), "command", s.Command)));
    }

    private static Judgement On(ClusterInventory inventory, string balancer, BalancerFacts facts)
    {
        var backend = BalancerJudge.Settings(inventory, balancer)?.WriterBackend ?? "";
        return View.Each(
            facts.Servers.Where(s => s.Backend == backend && s.Sessions > 0),
            s => Judgement.Fails(WritingFindings.BalancerSessions.On(
                balancer, "count", s.Sessions.ToString(CultureInfo.InvariantCulture), "backend", s.Backend, "server", s.Name)));
    }

    public static bool Allows(AllowedSession allowed, DatabaseSession session) =>
        allowed.User == session.User
        && (allowed.HostPattern.EndsWith('*')
            ? session.Host.StartsWith(allowed.HostPattern[..^1], StringComparison.Ordinal)
            : session.Host == allowed.HostPattern);

    // Sessions through a balancer show the balancer's own address, not the client's (seen on HAProxy 2.6).
    private static string Client(ClusterInventory inventory, string host)
    {
        var machine = inventory.Machines.FirstOrDefault(m => m.Address == host || MachineIs.SameName(m.HostName, host));
        return machine is null ? host : inventory.Balancers.Contains(machine) ? $"{machine.Name} (through the balancer)" : machine.Name;
    }
}

/// <summary>Every channel of this database runs without an error: IO and SQL (F12, B8).</summary>
/// <param name="Except">Sources that are not judged.</param>
public sealed record Replicates(string Machine, ImmutableArray<string>? Except = null) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Database, Machine)];

    public override Judgement Judge(View view) => view.See<DatabaseFacts>(SubjectKind.Database, Machine, facts =>
        facts.Channels.Length == 0
            ? Judgement.Fails(WritingFindings.NoReplication.On(Machine))
            : View.Each(Judged(facts, view.Inventory, Except), c => c is { Io: ReplicationThread.Running, SqlRunning: true }
                ? c.Delay > TimeSpan.Zero
                    ? Judgement.Fails(WritingFindings.ReplicationDelay.On(Machine, "source", c.SourceHost, "seconds", c.Delay.TotalSeconds.ToString(CultureInfo.InvariantCulture)))
                    : Judgement.Holds
                : Judgement.Fails(Off(Machine, c))));

    internal static IEnumerable<ReplicationChannel> Judged(DatabaseFacts facts, ClusterInventory inventory, ImmutableArray<string>? except) =>
        facts.Channels.Where(c => except?.Any(m => Positions.Follows(c, inventory.Machine(m))) != true);

    internal static Finding Off(string machine, ReplicationChannel c)
    {
        var (number, words) = c.SqlErrno != 0 ? (c.SqlErrno, c.SqlError) : (c.IoErrno, c.IoError);
        var errno = number.ToString(CultureInfo.InvariantCulture);
        return WritingFindings.ReplicationOff.On(
            machine, "source", c.SourceHost, "io", c.Io.ToString().ToLowerInvariant(), "sql", c.SqlRunning ? "running" : "stopped",
            "errno", errno, "error", number == 0 ? "no error" : $"error {errno} {words}".TrimEnd(' ', '.'));
    }
}

/// <summary>
/// B8: its replica threads may be told to start: they run, wait for a source that was off, or gave up on it (MySQL 8.4: after ten tries, a
/// minute apart). What an error stopped is a person's to judge, and what somebody stopped likewise.
/// </summary>
/// <param name="Booted">The machine has just booted, so that threads without an error were stopped by nobody: they do not start by themselves there.</param>
/// <param name="Except">Sources that are not judged.</param>
public sealed record MayReplicate(string Machine, bool Booted, ImmutableArray<string>? Except = null) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Database, Machine)];

    public override Judgement Judge(View view) => view.See<DatabaseFacts>(SubjectKind.Database, Machine, facts => facts.Channels.Length == 0 ? Judgement.Fails(WritingFindings.NoReplication.On(Machine)) : View.Each(
        Replicates.Judged(facts, view.Inventory, Except),
        c => WaitsForSource.Waits(c) || c is { Io: ReplicationThread.Running, SqlRunning: true } || (Booted && c is { IoErrno: 0, SqlErrno: 0 })
            ? Judgement.Holds
            : Judgement.Fails(Replicates.Off(Machine, c))));
}

/// <summary>G1: this database has applied everything the source has, compared end to end by position, never by seconds behind.</summary>
/// <param name="Via">
/// The databases in between, from the source on: a replica of a replica. Without GTIDs only the links of the chain can be compared.
/// </param>
public sealed record CaughtUp(string Machine, string Source, ImmutableArray<string>? Via = null) : Condition
{
    private IEnumerable<string> Chain => [Source, .. Via ?? [], Machine];

    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => Chain.Select(m => new Subject(SubjectKind.Database, m));

    public override Judgement Judge(View view)
    {
        var facts = ImmutableArray.CreateBuilder<(string, DatabaseFacts)>();
        var seen = View.Each(Chain, m => view.See<DatabaseFacts>(SubjectKind.Database, m, f =>
        {
            facts.Add((m, f));
            return Judgement.Holds;
        }));
        if (seen.Verdict != Verdict.Holds)
            return seen;
        var applied = Positions.AppliedAlong(facts.ToImmutable());
        return applied.Verdict == Verdict.Holds ? applied : applied & Cause(facts);
    }

    /// <summary>Why it lacks something, where that is to be seen: a channel of the chain does not run.</summary>
    private static Judgement Cause(IEnumerable<(string Machine, DatabaseFacts Facts)> chain) => View.Each(
        chain.Skip(1),
        d => View.Each(
            d.Facts.Channels.Where(c => c is not { Io: ReplicationThread.Running, SqlRunning: true }),
            c => Judgement.Fails(Replicates.Off(d.Machine, c))));
}

/// <summary>F10: the source is off by design: IO connecting, or stopped after its retries ran out; SQL runs and has no error of its own.</summary>
public sealed record WaitsForSource(string Machine, string Source) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Database, Machine)];

    public override Judgement Judge(View view) => view.See<DatabaseFacts>(SubjectKind.Database, Machine, facts => View.Each(
        facts.Channels.Where(c => Positions.Follows(c, view.Inventory.Machine(Source))),
        c => Waits(c)
            ? Judgement.Holds
            : Judgement.Fails(WritingFindings.NotWaiting.On(
                Machine, "source", Source, "io", IsAway(c.IoErrno) || c.IoErrno == 0 ? c.Io.ToString().ToLowerInvariant() : $"{c.Io.ToString().ToLowerInvariant()}, error {c.IoErrno} {c.IoError}",
                "sql", c.SqlRunning ? "running" : $"stopped, error {c.SqlErrno}"))));

    internal static bool Waits(ReplicationChannel c) =>
        c is { SqlRunning: true, SqlErrno: 0 } && ((c.Io == ReplicationThread.Connecting && c.IoErrno == 0) || (c.Io is ReplicationThread.Connecting or ReplicationThread.Stopped && IsAway(c.IoErrno)));

    /// <summary>
    /// An error of the client's side: nobody answered. Any other is the word of a server, so something at the source's address is on.
    /// So are these of the client's: a server spoke, and they could not agree on protocol, TLS or plug-in (2061 is MySQL 8.4's
    /// caching_sha2_password without TLS, at a source that has just been started). Source: MySQL manual, "Client Error Message Reference".
    /// </summary>
    internal static bool IsAway(int error) => error is >= 2000 and < 3000 and not (2007 or 2026 or 2049 or 2059 or 2061);
}
