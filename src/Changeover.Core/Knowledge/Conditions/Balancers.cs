using System.Globalization;
using Changeover.Findings;
using Changeover.Inventory;

namespace Changeover.Knowledge.Conditions;

/// <summary>This balancer would give a new writing session to this machine and to no other.</summary>
public sealed record WriterIs(string Balancer, string Machine) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Balancer, Balancer)];

    public override Judgement Judge(View view) => view.See<BalancerFacts>(SubjectKind.Balancer, Balancer, facts =>
        BalancerJudge.Writer(facts, view.Inventory, Balancer) switch
        {
            null => Judgement.Fails(WritingFindings.NoWriter.On(Balancer)),
            var writer when writer == Machine => Judgement.Holds,
            var writer => Judgement.Fails(WritingFindings.WriterIs.On(Balancer, "seen", writer, "expected", Machine)),
        });
}

/// <summary>Both balancers choose the same writer and have the same administrative states, weights and configuration file (F6).</summary>
/// <param name="IncludeAdmin">False where they differ by design: while host 1's balancer has just booted.</param>
public sealed record BalancersAgree(string First, string Second, bool IncludeAdmin = true) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Balancer, First), new(SubjectKind.Balancer, Second)];

    public override Judgement Judge(View view) =>
        view.See<BalancerFacts>(SubjectKind.Balancer, First, a => view.See<BalancerFacts>(SubjectKind.Balancer, Second, b =>
        {
            var why = ImmutableArray.CreateBuilder<Finding>();
            void Differ(string what, string seen, string expected)
            {
                if (seen != expected)
                    why.Add(WritingFindings.BalancersDiffer.On(First, "other", Second, "what", what, "seen", seen, "expected", expected));
            }
            Differ("configuration file", a.ConfigurationChecksum, b.ConfigurationChecksum);
            if (IncludeAdmin)
            {
                Differ("writer", BalancerJudge.Writer(a, view.Inventory, First) ?? "none", BalancerJudge.Writer(b, view.Inventory, Second) ?? "none");
                foreach (var server in a.Servers)
                {
                    var other = b.Server(server.Backend, server.Name);
                    Differ($"server {server.Backend}/{server.Name}", Text(server), other is null ? "missing" : Text(other));
                }
                foreach (var server in b.Servers.Where(s => a.Server(s.Backend, s.Name) is null))
                    Differ($"server {server.Backend}/{server.Name}", "missing", Text(server));
            }
            return why.Count == 0 ? Judgement.Holds : Judgement.Fails(why.ToImmutable());
        }));

    private static string Text(BalancerServer s) => string.Create(CultureInfo.InvariantCulture, $"{s.Admin.ToString().ToLowerInvariant()} with weight {s.Weight}");
}

/// <summary>These servers have this administrative state (and weight where given).</summary>
public sealed record ServersAre(string Balancer, ImmutableArray<ServerSetting> Servers) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Balancer, Balancer)];

    public override Judgement Judge(View view) => view.See<BalancerFacts>(SubjectKind.Balancer, Balancer, facts => View.Each(Servers, s =>
        facts.Server(s.Backend, s.Server) switch
        {
            null => Judgement.Fails(WritingFindings.ServerMissing.On(Balancer, "backend", s.Backend, "server", s.Server)),
            var seen when seen.Admin == s.Admin && (s.Weight is null || seen.Weight == s.Weight) => Judgement.Holds,
            var seen => Judgement.Fails(WritingFindings.ServerNotAs.On(
                Balancer, "backend", s.Backend, "server", s.Server,
                "seen", string.Create(CultureInfo.InvariantCulture, $"{seen.Admin.ToString().ToLowerInvariant()} (weight {seen.Weight})"),
                "expected", s.Weight is { } w ? string.Create(CultureInfo.InvariantCulture, $"{s.Admin.ToString().ToLowerInvariant()} (weight {w})") : s.Admin.ToString().ToLowerInvariant())),
        }));
}

/// <summary>
/// The way in is allowed to set servers (F7, B11). Asked before the first change: a socket that only shows is otherwise noticed
/// when the store and the address have moved already.
/// </summary>
public sealed record BalancerObeys(string Balancer) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Balancer, Balancer)];

    public override Judgement Judge(View view) => view.See<BalancerFacts>(SubjectKind.Balancer, Balancer, facts => facts.MayChange switch
    {
        true => Judgement.Holds,
        false => Judgement.Fails(WritingFindings.BalancerReadOnly.On(Balancer)),
        null => Judgement.Unknown(WritingFindings.BalancerRightsUnknown.On(Balancer)),
    });
}

/// <summary>Every server that takes part (READY) is up by its checks, those of the given host and machines excepted.</summary>
public sealed record ServersUp(string Balancer, string ExceptHost, ImmutableArray<string>? Except = null) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Balancer, Balancer)];

    public override Judgement Judge(View view) => view.See<BalancerFacts>(SubjectKind.Balancer, Balancer, facts => View.Each(
        facts.Servers.Where(s => s is { Admin: ServerAdmin.Ready or ServerAdmin.Unknown, Up: false }
            && BalancerJudge.Settings(view.Inventory, Balancer)?.MachineOf(s.Name, view.Inventory) is { } machine
            && view.Inventory.Machine(machine).Host != ExceptHost
            && Except?.Contains(machine) != true),
        s => s.Admin == ServerAdmin.Ready
            ? Judgement.Fails(WritingFindings.ServerDown.On(Balancer, "backend", s.Backend, "server", s.Name, "seen", s.Status))
            // Down, and what it was set to does not fit: it may be one that takes part.
            : Judgement.Unknown(WritingFindings.ServerNotAs.On(
                Balancer, "backend", s.Backend, "server", s.Name, "seen", $"unknown ({s.Status})", "expected", "ready and up, or set aside"))));
}

/// <summary>
/// If these servers went to MAINT, every backend would keep a server that is not in MAINT: the last one is never taken away.
/// Whether the software behind it answers is not asked: it is stopped at that point of the procedure.
/// </summary>
public sealed record PoolsSurvive(string Balancer, ImmutableArray<ServerSetting> Going) : Condition
{
    public override IEnumerable<Subject> Subjects(ClusterInventory inventory) => [new(SubjectKind.Balancer, Balancer)];

    public override Judgement Judge(View view) => view.See<BalancerFacts>(SubjectKind.Balancer, Balancer, facts => View.Each(
        Going.Select(g => g.Backend).Distinct(),
        backend => facts.Servers.Any(s => s.Backend == backend && s.Admin == ServerAdmin.Ready && !Going.Any(g => g.Backend == backend && g.Server == s.Name))
            ? Judgement.Holds
            : Judgement.Fails(WritingFindings.LastServer.On(Balancer, "backend", backend))));
}
