using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Tests.Simulation;

namespace Changeover.Tests.Drivers;

/// <summary>What of a request is kept for people.</summary>
public sealed class RequestTextTests
{
    private static readonly DriverContext Context = new(FaultCatalogue.Site, Snapshot.Empty, new("failover-1", "m1", "controller", 3));

    [Fact]
    public void A_command_stands_there_as_a_person_would_type_it_with_what_fences_it()
    {
        var request = new Request.Shell("acd-lb1", [new("a", ["/usr/bin/socat", "-", "/run/haproxy.sock"], Root: true, Input: "set server a/b state maint\n")], TimeSpan.FromSeconds(5), new("failover-1", 3));

        Assert.Equal(
            ["only while failover-1 holds the claim of acd-lb1 in epoch 3", "on acd-lb1 as root: printf %s 'set server a/b state maint\n' | /usr/bin/socat - /run/haproxy.sock"],
            RequestText.Lines(request));
    }

    [Fact]
    public void A_call_stands_there_with_its_body() => Assert.Equal(
        ["monitoring POST /v1/actions/schedule-downtime {\"type\":\"Host\"}"],
        RequestText.Lines(new Request.Http("monitoring", [new("a", "POST", "/v1/actions/schedule-downtime", """{"type":"Host"}""")], TimeSpan.FromSeconds(5))));

    /// <summary>Secrets are references in the inventory, and a request does not even have those: the transport looks them up where it sends.</summary>
    [Fact]
    public void No_request_of_any_plan_names_a_secret()
    {
        var site = FaultCatalogue.Site;
        string[] secrets = [.. site.Hosts.Select(h => h.Secret).Append(site.Monitoring?.Secret ?? "").Where(s => s.Length > 0)];
        var actions = FaultCatalogue.Plans().SelectMany(p => p.Steps).Select(s => s.Deed).OfType<ClusterAction>().Where(a => a is not Instruct).ToArray();
        Assert.NotEmpty(secrets);
        Assert.NotEmpty(actions);

        Assert.All(actions.SelectMany(a => RequestText.Lines(AllDrivers.Set.Tell(a, Context))), l => Assert.DoesNotContain(secrets, s => l.Contains(s, StringComparison.Ordinal)));
    }
}
