using Changeover.Knowledge;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>The cluster's life in one maintenance, as raw requests, with everything the drivers read compared on the way.</summary>
public sealed class WholeNightTests
{
    [Fact]
    public void Seen_is_true_in_the_normal_state()
    {
        var cluster = new Cluster();
        cluster.Wait(20);

        SeenIsTrue.Everywhere(cluster);
        Assert.True(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm1").Gtid.Length > 0);
        Assert.Empty(Invariants.Broken(cluster.Truth));
    }

    [Fact]
    public void Host_1_is_emptied_and_comes_back_without_a_violation_and_seen_is_true_all_the_time()
    {
        var cluster = new Cluster(7);
        cluster.Wait(30);
        Failover(cluster);
        SeenIsTrue.Everywhere(cluster);
        Assert.Empty(cluster.Truth.Violations);

        Failback(cluster);
        SeenIsTrue.Everywhere(cluster);
        Assert.Empty(cluster.Truth.Violations);
        Assert.Empty(Invariants.Broken(cluster.Truth));
        Assert.Equal("acd-dbm1", Assert.Single(cluster.Truth.Sessions.Select(s => s.Database).Distinct()));
    }

    private static readonly string[] Apps = ["acd-tel1", "acd-jb1"];

    private static void Failover(Cluster cluster)
    {
        cluster.StopAll();
        Assert.Empty(cluster.Truth.Sessions);
        cluster.Move("acd-store1", "acd-store2");
        cluster.Move("acd-lb1", "acd-lb2");
        cluster.SetHost1("acd-lb2", ServerAdmin.Maint);
        cluster.SetHost1("acd-lb1", ServerAdmin.Maint);
        SeenIsTrue.Everywhere(cluster);
        foreach (var app in Apps)
            cluster.Power(app, false);
        foreach (var machine in new[] { "acd-dbs1", "acd-dbm1", "acd-lb1", "acd-store1" })
        {
            cluster.Power(machine, false);
            cluster.Wait(1);
            SeenIsTrue.Everywhere(cluster);
            cluster.Until(() => cluster[machine].Power == Power.Off, $"{machine} off");
        }
        cluster.Until(() => cluster[Apps[0]].Power == Power.Off && cluster[Apps[1]].Power == Power.Off, "apps off");
        SeenIsTrue.Everywhere(cluster);
        Assert.Equal(ReplicationThread.Connecting, Assert.Single(cluster.Facts<DatabaseFacts>(SubjectKind.Database, "acd-dbm2").Channels).Io);
        StartSoftware(cluster, "vm-host-2");
        cluster.Wait(30);
        Assert.True(cluster["acd-dbm2"].Database!.Writers > 0);
    }

    private static void Failback(Cluster cluster)
    {
        cluster.StopAll();
        foreach (var machine in new[] { "acd-store1", "acd-lb1", "acd-dbm1", "acd-dbs1", "acd-tel1", "acd-jb1" })
        {
            cluster.Power(machine, true);
            SeenIsTrue.Everywhere(cluster);
            cluster.Until(() => cluster[machine].Power == Power.On, $"{machine} on");
            SeenIsTrue.Everywhere(cluster);
            cluster.Wait(12);
            if (machine == "acd-lb1")
                cluster.SetHost1("acd-lb1", ServerAdmin.Maint);
        }
        cluster.Wait(20);
        Assert.Equal(ServerAdmin.Maint, cluster["acd-lb2"].Balancer!.Server("mysql", "acd-dbm1")!.Admin);
        cluster.StopAll();
        cluster.Until(() => cluster.Store.First.Score == 10000, "synchronised");
        cluster.Move("acd-store2", "acd-store1");
        cluster.Move("acd-lb2", "acd-lb1");
        cluster.SetHost1("acd-lb1", ServerAdmin.Ready);
        cluster.SetHost1("acd-lb2", ServerAdmin.Ready);
        StartSoftware(cluster, "vm-host-1");
        StartSoftware(cluster, "vm-host-2");
        cluster.Wait(30);
    }

    private static void StartSoftware(Cluster cluster, string host)
    {
        foreach (var machine in cluster.Truth.Machines.Where(m => m.Host == host))
        {
            foreach (var service in machine.Services.Where(s => s.Form == Changeover.Inventory.ServiceForm.Service))
            {
                var client = cluster.Facts<ClientFacts>(SubjectKind.Client, machine.Name);
                Assert.True(!service.NeedsShare || client is { ShareReadable: true, ShareWritable: true, DatabaseAnswers: true }, $"{machine.Name}: {client}");
                cluster.Do(new SetService(machine.Name, service.Name, true));
            }
        }
        cluster.Until(
            () => cluster.Truth.Machines.TrueForAll(m => m.Host != host || m.Services.TrueForAll(s => s.Form == Changeover.Inventory.ServiceForm.Desktop || s.Run == ServiceRun.Running)),
            "software runs");
    }

    [Fact]
    public void A_power_off_of_the_primary_store_is_a_violation_of_ours()
    {
        var cluster = new Cluster();
        cluster.StopAll();
        cluster.Power("acd-store1", false);

        Assert.Contains(cluster.Truth.Violations, v => v.Code == Invariants.PowerOffPrimary && v.Cause.IsOurs);
        cluster.Until(() => cluster["acd-store1"].Power == Power.Off, "off");
        Assert.True(cluster.Holds(cluster.Store, "acd-store2"));
    }

    [Fact]
    public void A_move_under_running_software_is_a_violation_of_ours()
    {
        var cluster = new Cluster();
        cluster.Wait(5);
        cluster.Do(new SetStandby("acd-store1", true, "acd-store1"));
        cluster.Wait(5);

        Assert.Contains(cluster.Truth.Violations, v => v.Code == Invariants.MovedWhileUsed && v.Cause.Hand == Hand.Program);
    }
}
