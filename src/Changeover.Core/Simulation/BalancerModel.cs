using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// HAProxy on each balancer: administrative states in the memory of a process, checks that follow the servers' health with a
/// delay, and the choice of the writer by the balancer that holds the address.
/// </summary>
internal sealed class BalancerModel(World world)
{
    private MachineTruth? lastWriter;

    /// <summary>The process starts: everything that was set by hand is forgotten, and every server counts as up until checked.</summary>
    public void Start(MachineTruth machine)
    {
        if (machine.Balancer is not { } balancer)
            return;
        balancer.Running = true;
        balancer.StartedAt = world.Now;
        foreach (var server in balancer.Servers)
        {
            server.Admin = ServerAdmin.Ready;
            server.Weight = 1;
            server.Up = true;
            server.CheckPending = false;
            server.ChangedAt = world.Now;
            Check(machine, balancer, server);
        }
        balancer.Version++;
        WriterMayHaveChanged();
    }

    public void Stop(MachineTruth machine)
    {
        if (machine.Balancer is not { Running: true } balancer)
            return;
        balancer.Running = false;
        balancer.Version++;
        world.Services.DropSessions(s => s.Balancer == machine.Name);
        WriterMayHaveChanged();
    }

    /// <summary>What runs on a machine changed: every balancer's checks of it will see it.</summary>
    public void HealthChanged(string machine)
    {
        foreach (var m in world.Truth.Machines)
        {
            if (m.Balancer is not { Running: true } balancer)
                continue;
            foreach (var server in balancer.Servers)
            {
                if (server.Machine == machine)
                    Check(m, balancer, server);
            }
        }
    }

    private void Check(MachineTruth machine, BalancerTruth balancer, ServerTruth server)
    {
        // In maintenance HAProxy does not check.
        if (server.CheckPending || server.Admin == ServerAdmin.Maint || server.Up == IsHealthy(server))
            return;
        server.CheckPending = true;
        // The first failed check after a start is enough; afterwards fall and rise count.
        var takes = !server.Up ? Timings.CheckRise
            : server.ChangedAt == balancer.StartedAt ? TimeSpan.FromSeconds(2)
            : Timings.CheckFall;
        world.After(takes, new CheckEnds(machine.Name, server.Backend, server.Name, balancer.StartedAt));
    }

    public void CheckEnds(CheckEnds ends)
    {
        if (world.Truth.Machine(ends.Balancer).Balancer is not { Running: true } balancer
            || balancer.StartedAt != ends.ProcessStart
            || balancer.Server(ends.Backend, ends.Server) is not { CheckPending: true } server)
            return;
        server.CheckPending = false;
        if (server.Admin == ServerAdmin.Maint || server.Up == IsHealthy(server))
            return;
        server.Up = !server.Up;
        server.ChangedAt = world.Now;
        balancer.Version++;
        WriterMayHaveChanged();
    }

    private bool IsHealthy(ServerTruth server)
    {
        var machine = world.Truth.Machine(server.Machine);
        if (machine.Power != Power.On || machine.Unreachable)
            return false;
        if (machine.Database is { } database)
            return database.Running;
        foreach (var service in machine.Services)
        {
            if (service.Run == ServiceRun.Running)
                return true;
        }
        return false;
    }

    /// <summary>Sets a server's state or weight. Setting it again does no harm.</summary>
    public void Set(MachineTruth machine, ServerTruth server, ServerAdmin? admin, int? weight)
    {
        var balancer = machine.Balancer!;
        if (admin is { } a && a != server.Admin)
        {
            var wasMaint = server.Admin == ServerAdmin.Maint;
            server.Admin = a;
            server.ChangedAt = world.Now;
            server.CheckPending = false;
            // Back from maintenance a server is up at once and takes traffic before its check has passed (seen on 2.6).
            if (wasMaint && a == ServerAdmin.Ready)
                server.Up = true;
            Check(machine, balancer, server);
        }
        server.Weight = weight ?? server.Weight;
        balancer.Version++;
        world.Invariants.AfterServers(machine);
        WriterMayHaveChanged();
    }

    /// <summary>The machines whose HAProxy can be reached at the floating address now. More than one is a broken cluster.</summary>
    public static MachineTruth? HolderOfAddress(GroundTruth truth)
    {
        foreach (var machine in truth.Machines)
        {
            if (machine is { IsUp: true, Unreachable: false, Balancer.Running: true } && HoldsAddress(truth, machine, machine.Balancer.Role))
                return machine;
        }
        return null;
    }

    public static bool HoldsAddress(GroundTruth truth, MachineTruth machine, string role)
    {
        if (!machine.IsUp || truth.PairOf(machine.Name) is not { } pair)
            return false;
        foreach (var set in pair.Sets)
        {
            if (set.Role == role)
                return AddressStarted(set, set.On(pair, machine.Name));
        }
        return false;
    }

    public static bool AddressStarted(ResourceSetTruth set, InstanceTruth here)
    {
        for (var i = 0; i < here.Started; i++)
        {
            if (set.Resources[i].Agent == "ocf:heartbeat:IPaddr2")
                return true;
        }
        return false;
    }

    /// <summary>The server the balancer with the address would choose for the writer; null: none, or no address.</summary>
    public static ServerTruth? Choice(BalancerTruth balancer, string backend)
    {
        ServerTruth? backup = null;
        foreach (var server in balancer.Servers)
        {
            if (server.Backend != backend || !server.IsReady)
                continue;
            if (!server.Backup)
                return server;
            backup ??= server;
        }
        return backup;
    }

    /// <summary>The machine that takes writes now; null: none.</summary>
    public MachineTruth? Writer => Writers(world.Truth, world.WriterBackend, out _);

    public static MachineTruth? Writers(GroundTruth truth, string backend, out MachineTruth? balancer)
    {
        balancer = HolderOfAddress(truth);
        if (backend.Length == 0)
            return truth.Machines.Find(m => m is { Power: Power.On, Database: { IsMaster: true, Running: true } });
        return balancer is null || Choice(balancer.Balancer!, backend) is not { } chosen ? null : truth.Machine(chosen.Machine);
    }

    /// <summary>Called after everything that can change who takes writes: waiting clients connect.</summary>
    public void WriterMayHaveChanged()
    {
        var writer = Writer;
        if (writer is not null && writer != lastWriter)
            world.Databases.BecomesWriter(writer);
        lastWriter = writer;
        if (writer?.Database is { Running: true })
            world.Services.ConnectClients();
    }

    /// <summary>After loading, so that the choice as saved is no change.</summary>
    public void Remember() => lastWriter = Writer;
}
