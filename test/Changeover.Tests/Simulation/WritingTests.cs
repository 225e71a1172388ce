using Changeover.Knowledge;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>Balancers, databases and sessions: who writes where, and what can be lost.</summary>
public sealed class WritingTests
{
    private static SetServers Mysql(string balancer, string server, ServerAdmin admin) => new(balancer, [new("mysql", server, admin)]);

    [Fact]
    public void Running_software_writes_through_the_balancer_and_both_masters_have_it()
    {
        var cluster = new Cluster();
        var before = cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm1");
        cluster.Wait(10);
        var after = cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm1");

        Assert.True(after.LogPosition > before.LogPosition);
        Assert.Contains(after.Sessions, s => s.Host == "10.20.0.31");
        cluster.StopAll();
        cluster.Wait(1);
        var seen = cluster.See(new Subject(SubjectKind.Database, "acd-dbm1"));
        Assert.Equal(
            ((DatabaseFacts)seen[0].Facts!).Gtid,
            cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2").Gtid);
        Assert.Empty(((DatabaseFacts)seen[0].Facts!).Sessions);
    }

    [Fact]
    public void Maint_does_not_end_sessions_so_two_masters_are_written()
    {
        var cluster = new Cluster();
        cluster.Wait(2);
        cluster.Do(Mysql("acd-lb1", "acd-dbm1", ServerAdmin.Maint));
        cluster.Do(new SetService("acd-jb1", "wildfly", false));
        cluster.Wait(12);
        cluster.Do(new SetService("acd-jb1", "wildfly", true));
        cluster.Wait(20);

        Assert.True(cluster["acd-dbm1"].Database!.Writers > 0 && cluster["acd-dbm2"].Database!.Writers > 0);
        Assert.Contains(cluster.Truth.Violations, v => v.Code == Invariants.TwoWriters);
        Assert.Contains(Invariants.Broken(cluster.Truth), v => v.Code == Invariants.TwoWriters);
    }

    [Fact]
    public void A_writer_that_lacks_acknowledged_transactions_is_a_loss()
    {
        var cluster = new Cluster();
        cluster.World.Schedule(new ReplicationStops("acd-dbm2"), TimeSpan.FromSeconds(5));
        cluster.Wait(10);

        Assert.Equal(ReplicationThread.Stopped, Assert.Single(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2").Channels).Io);
        cluster.Do(Mysql("acd-lb1", "acd-dbm1", ServerAdmin.Maint));
        Assert.Contains(cluster.Truth.Violations, v => v is { Code: Invariants.LostTransactions, Subject: "acd-dbm2" } && v.Cause.IsOurs);
    }

    [Fact]
    public void A_lag_is_seen_in_positions_and_goes_by_after_the_writers()
    {
        var cluster = new Cluster();
        cluster.World.Schedule(new ReplicationLags("acd-dbm2"), TimeSpan.Zero);
        cluster.Wait(20);
        var behind = Assert.Single(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2").Channels);

        Assert.True(behind.ExecPosition < behind.ReadPosition);
        cluster.World.Schedule(new ReplicationLags("acd-dbm2", false), cluster.World.Now);
        cluster.StopAll();
        cluster.Wait(5);
        var level = Assert.Single(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2").Channels);
        Assert.Equal(level.ReadPosition, level.ExecPosition);
    }

    [Fact]
    public void A_reload_forgets_maint_and_a_refusal_comes_with_exit_0()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.World.Schedule(new BalancerRefuses("acd-lb2"), cluster.World.Now);
        cluster.Wait(0.1);
        Assert.Equal(ReceptionKind.Refused, cluster.Tell(Mysql("acd-lb2", "acd-dbm1", ServerAdmin.Maint)).Kind);

        cluster.Do(Mysql("acd-lb2", "acd-dbm1", ServerAdmin.Maint));
        Assert.Equal(ServerAdmin.Maint, cluster.Facts<BalancerFacts>(SubjectKind.Balancer, "acd-lb2").Server("mysql", "acd-dbm1")!.Admin);
        cluster.World.Schedule(new BalancerReloads("acd-lb2"), cluster.World.Now);
        cluster.Wait(1);
        var facts = cluster.Facts<BalancerFacts>(SubjectKind.Balancer, "acd-lb2");
        Assert.Equal(ServerAdmin.Ready, facts.Server("mysql", "acd-dbm1")!.Admin);
        Assert.True(facts.Uptime < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void The_last_ready_server_put_aside_while_software_runs_is_a_violation()
    {
        var cluster = new Cluster();
        cluster.Do(new SetServers("acd-lb1", [new("jb", "acd-jb1", ServerAdmin.Maint), new("jb", "acd-jb2", ServerAdmin.Maint)]));

        Assert.Contains(cluster.Truth.Violations, v => v.Code == Invariants.PoolEmptied && v.Cause.IsOurs);
    }

    [Theory]
    [InlineData(true, "10.20.0.71")]
    [InlineData(false, "10.20.0.31")]
    public void A_forgotten_session_stays_and_shows_where_it_comes_from(bool direct, string from)
    {
        var cluster = new Cluster();
        cluster.World.Schedule(new SessionForgotten("acd-jb1", "acd-dbm1", direct), TimeSpan.Zero);
        cluster.StopAll();
        var session = Assert.Single(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm1").Sessions);

        Assert.Equal(from, session.Host);
        cluster.Do(new EndSession("acd-dbm1", session.Id));
        Assert.Empty(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm1").Sessions);
    }

    [Fact]
    public void A_backup_is_made_in_its_own_time_and_removed_by_its_id()
    {
        var cluster = new Cluster();
        cluster.Do(new StartBackup("acd-dbm1", "night-1"));
        Assert.True(cluster.Facts<BackupFacts>(SubjectKind.Backup, "acd-dbm1").Find("night-1")!.Running);
        cluster.Wait(60);

        Assert.True(cluster.Facts<BackupFacts>(SubjectKind.Backup, "acd-dbm1").Find("night-1")!.Complete);
        cluster.Do(new RemoveBackup("acd-dbm1", "night-1"));
        Assert.Null(cluster.Facts<BackupFacts>(SubjectKind.Backup, "acd-dbm1").Find("night-1"));
    }
}
