using Changeover.Drivers;
using Changeover.Drivers.Pacemaker;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.Pacemaker.StoreInventory;

namespace Changeover.Tests.Drivers.Pacemaker;

public sealed class StandbyTests
{
    private static readonly PacemakerDriver Driver = new();
    private static readonly SetStandby Standby = new("acd-store1", true, "acd-store2");

    private static Request.Shell Tell(SetStandby action, DriverContext context) => Assert.IsType<Request.Shell>(Driver.Tell(action, context));

    private static Observation Pcs(string version) => Seen(
        SubjectKind.PacemakerSetup,
        "acd-store2",
        new PacemakerSetupFacts("", version, null, ImmutableSortedDictionary<string, int>.Empty, [], [], null, false));

    private static Reception Heard(int code, string output = "", string error = "") =>
        Driver.Heard(Standby, new([new(PacemakerCommands.StandbyKey, code, output, error)]), Knowing());

    [Theory]
    [InlineData("0.11.5", true, "/usr/sbin/pcs node standby acd-store1")]
    [InlineData("0.11.5", false, "/usr/sbin/pcs node unstandby acd-store1")]
    [InlineData("0.10.8", true, "/usr/sbin/pcs node standby acd-store1")]
    [InlineData("0.9.137", true, "/usr/sbin/pcs cluster standby acd-store1")]
    [InlineData("0.9.169", false, "/usr/sbin/pcs cluster unstandby acd-store1")]
    [InlineData("", true, "/usr/sbin/pcs node standby acd-store1")]
    public void Each_pcs_is_told_in_its_dialect_and_always_the_node(string version, bool standby, string expected)
    {
        var request = Tell(Standby with { Standby = standby }, Knowing(Pcs(version)));

        var command = Assert.Single(request.Commands);
        Assert.Equal(expected, string.Join(' ', command.Arguments));
        Assert.True(command.Root);
        Assert.Equal("acd-store2", request.Machine);
    }

    [Fact]
    public void The_node_is_told_by_its_Pacemaker_name()
    {
        Assert.Equal("node-a", Tell(new("odd", true, "acd-store1"), Knowing()).Commands[0].Arguments[^1]);
    }

    [Fact]
    public void The_request_is_guarded_by_the_claim_of_the_run()
    {
        var request = Tell(Standby, Knowing() with { Run = new("run-1", "m-1", "ctl", 3) });

        Assert.Equal(new ClaimGuard("run-1", 3), request.Guard);
    }

    [Fact]
    public void Another_action_is_not_Pacemakers()
    {
        Assert.Null(Driver.Tell(new SetService("acd-store1", "smbd", false), Knowing()));
    }

    [Fact]
    public void Silence_and_exit_0_is_acceptance_and_a_warning_does_not_hinder()
    {
        Assert.Equal(Reception.Accepted, Heard(0));
        Assert.Equal(Reception.Accepted, Heard(0, error: "Deprecation Warning: This command is deprecated and will be removed. Please use 'pcs node standby' instead."));
    }

    [Theory]
    [InlineData("pcs-0.11.5-standby-unknown-node.txt", "Error: Node 'no-such-node' does not appear to exist in configuration")]
    [InlineData("pcs-0.11.5-cluster-standby-removed.txt", "Usage: pcs cluster ...")]
    public void An_error_or_a_usage_is_a_refusal_whatever_the_exit_code(string fixture, string words)
    {
        var text = Fixture("pacemaker", fixture);

        Assert.Equal(new Reception(ReceptionKind.Refused, words), Heard(1, error: text));
        Assert.Equal(new Reception(ReceptionKind.Refused, words), Heard(0, error: text));
        Assert.Equal(new Reception(ReceptionKind.Refused, words), Heard(0, output: text));
    }

    [Theory]
    [InlineData(Result.TimedOut, "")]
    [InlineData(137, "")]
    [InlineData(1, "")]
    [InlineData(1, "Error: unable to push cib\nCall cib_replace failed (-62): Timer expired")]
    public void What_may_have_happened_is_unclear(int code, string error)
    {
        Assert.Equal(ReceptionKind.Unclear, Heard(code, error: error).Kind);
    }

    [Fact]
    public void A_pcs_that_is_not_there_did_nothing()
    {
        Assert.Equal(ReceptionKind.Refused, Heard(127, error: "sh: 1: /usr/sbin/pcs: not found").Kind);
    }
}
