using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Simulation;

namespace Changeover.Tests.Simulation;

/// <summary>Compares what the drivers read with what is really so, for every subject of the cluster.</summary>
internal static class SeenIsTrue
{
    public static void Everywhere(Cluster cluster)
    {
        foreach (var host in cluster.Truth.Hosts)
            Power(cluster, host.Name);
        foreach (var machine in cluster.Truth.Machines)
        {
            if (machine.Power != Changeover.Simulation.Power.On)
            {
                Assert.Null(cluster.See(SubjectKind.Machine, machine.Name).Facts);
                continue;
            }
            var facts = cluster.Facts<MachineFacts>(SubjectKind.Machine, machine.Name);
            // Windows has no boot id: the time it booted stands for one.
            Assert.Equal((machine.HostName, machine.Platform == Platform.Linux ? machine.BootId : facts.BootId), (facts.HostName, facts.BootId));
            Services(cluster, machine);
            if (machine.Node is not null)
                Pacemaker(cluster, machine);
            if (machine.Balancer is not null)
                Balancer(cluster, machine);
            if (machine.Database is not null)
                Database(cluster, machine);
        }
        Assert.Empty(cluster.World.NotKnown);
    }

    private static void Power(Cluster cluster, string host)
    {
        cluster.See(SubjectKind.Power, host);
        var facts = cluster.Facts<PowerFacts>(SubjectKind.Power, host);
        foreach (var machine in cluster.Truth.Machines.Where(m => m.Host == host))
        {
            var guest = facts.Find(machine.GuestName)!;
            Assert.Equal(machine.Power == Changeover.Simulation.Power.Off ? PowerState.Off : PowerState.On, guest.Power);
            Assert.Equal(machine.StartsWithHost, guest.Autostart);
        }
    }

    private static void Services(Cluster cluster, MachineTruth machine)
    {
        var facts = cluster.Facts<ServiceFacts>(SubjectKind.Services, machine.Name);
        foreach (var service in machine.Services)
        {
            var seen = facts.Find(service.Name);
            Assert.True(seen is not null, $"{machine.Name}: {service.Name} is not seen");
            Assert.Equal((machine.Name, service.Name, service.Run), (machine.Name, seen.Name, seen.Run));
            if (service.Form == ServiceForm.Service)
                Assert.Equal(service.Enabled, seen.Start == ServiceStart.Automatic);
        }
    }

    public static void Pacemaker(Cluster cluster, MachineTruth machine)
    {
        var pair = cluster.Truth.PairOf(machine.Name)!;
        var version = pair.Version;
        // Not running, or started and not joined yet: it knows nothing, and that is what must be read.
        if (machine.Node is not { Running: true, Online: true })
        {
            var seen = cluster.See(SubjectKind.Pacemaker, machine.Name);
            Assert.True(seen.Facts is null || pair.Version != version, $"{seen.Subject} reads as healthy");
            return;
        }
        var facts = cluster.Facts<PacemakerFacts>(SubjectKind.Pacemaker, machine.Name);
        // What changed while the answer was under way cannot be compared.
        if (pair.Version != version)
            return;
        foreach (var name in new[] { pair.First, pair.Second })
        {
            var node = facts.Node(cluster[name].NodeName)!;
            Assert.Equal((name, cluster[name].Node!.Online, cluster[name].Node!.Standby), (name, node.Online, node.Standby));
            foreach (var set in pair.Sets)
            {
                var here = set.On(pair, name);
                if (set.HasDrbd && here.Role != ResourceRole.Stopped)
                    Assert.Equal(here.Role, facts.Resources.Single(r => r.Id == set.Clone && r.Node == node.Name).Role);
                Assert.Equal(here.Started, set.Resources.Count(r => facts.Resources.Any(f => f.Id == r.Id && f.Node == node.Name && f.Role == ResourceRole.Started)));
                if (set.HasDrbd)
                    Assert.Equal(here.Score, facts.PromotionScores.FirstOrDefault(s => s.Node == node.Name)?.Score);
            }
        }
        foreach (var set in pair.Sets.Where(s => s.HasDrbd))
            Drbd(cluster, machine, pair, set);
        var setup = cluster.Facts<PacemakerSetupFacts>(SubjectKind.PacemakerSetup, machine.Name);
        Assert.Equal(pair.Stickiness, setup.DefaultStickiness);
        Assert.Equal(pair.First == machine.Name || pair.Second == machine.Name, setup.CanForecast);
    }

    private static void Drbd(Cluster cluster, MachineTruth machine, PairTruth pair, ResourceSetTruth set)
    {
        var version = pair.Version;
        var facts = cluster.Facts<DrbdFacts>(SubjectKind.Drbd, machine.Name);
        if (pair.Version != version)
            return;
        var here = set.On(pair, machine.Name);
        if (!here.Up)
        {
            Assert.Empty(facts.Resources);
            return;
        }
        var seen = Assert.Single(facts.Resources);
        Assert.Equal(set.DrbdName, seen.Name);
        Assert.Equal(here.Role == ResourceRole.Promoted ? DrbdRole.Primary : DrbdRole.Secondary, seen.Role);
        Assert.Equal(here.Disk, seen.Disk);
        Assert.Equal(
            here.StandAlone ? DrbdConnection.StandAlone : !set.Connected ? DrbdConnection.Connecting
            : set.SyncSource.Length == 0 ? DrbdConnection.Connected
            : set.SyncSource == machine.Name ? DrbdConnection.SyncSource : DrbdConnection.SyncTarget,
            seen.Connection);
    }

    private static void Balancer(Cluster cluster, MachineTruth machine)
    {
        if (!machine.Balancer!.Running)
        {
            Assert.Null(cluster.See(SubjectKind.Balancer, machine.Name).Facts);
            return;
        }
        var version = machine.Balancer.Version;
        var facts = cluster.Facts<BalancerFacts>(SubjectKind.Balancer, machine.Name);
        if (machine.Balancer.Version != version)
            return;
        Assert.Equal(machine.Balancer.Servers.Count, facts.Servers.Length);
        foreach (var server in machine.Balancer.Servers)
        {
            var seen = facts.Server(server.Backend, server.Name)!;
            Assert.Equal((server.Name, server.Admin, server.Weight, server.Backup), (seen.Name, seen.Admin, seen.Weight, seen.Backup));
            if (server.Admin == ServerAdmin.Ready)
                Assert.Equal(server.Up, seen.Up);
            if (server.Backend == "mysql")
                Assert.Equal(cluster.Truth.Sessions.Count(s => s.Balancer == machine.Name && s.Database == server.Machine), seen.Sessions);
        }
    }

    private static void Database(Cluster cluster, MachineTruth machine)
    {
        var db = machine.Database!;
        if (!db.Running)
        {
            Assert.Null(cluster.See(SubjectKind.Database, machine.Name).Facts);
            return;
        }
        var sessions = cluster.Truth.Sessions.Count(s => s.Database == machine.Name);
        var state = db.Channel!.IoState;
        var facts = cluster.Facts<DatabaseFacts>(SubjectKind.Database, machine.Name);
        Assert.Equal(db.ServerId, facts.ServerId);
        Assert.Equal(db.ReadOnly, facts.ReadOnly);
        if (cluster.Truth.Sessions.Count(s => s.Database == machine.Name) == sessions)
            Assert.Equal(sessions, facts.Sessions.Length);
        if (db.Channel.IoState != state)
            return;
        var channel = Assert.Single(facts.Channels);
        Assert.Equal(state, channel.Io);
        Assert.Equal(db.Channel is { Sql: true, SqlErrno: 0 }, channel.SqlRunning);
        Assert.Equal(cluster[db.Channel.Source].Address, channel.SourceHost);
    }
}
