using System.Globalization;
using System.Text;
using Changeover.Drivers;
using Changeover.Drivers.Backup;
using Changeover.Drivers.Boot;
using Changeover.Drivers.Claim;
using Changeover.Drivers.Client;
using Changeover.Drivers.Database;
using Changeover.Drivers.Drbd;
using Changeover.Drivers.HaProxy;
using Changeover.Drivers.Machines;
using Changeover.Drivers.Pacemaker;
using Changeover.Drivers.Services;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>A simulated Linux machine's shell: finds out which of the drivers' command lines it was given, and answers.</summary>
internal sealed class LinuxAnswers(World world)
{
    private readonly PacemakerText pacemaker = new(world);
    private readonly DrbdText drbd = new(world);
    private readonly BalancerText balancer = new(world);
    private readonly DatabaseText database = new(world);

    /// <summary>Null: no such command is known here.</summary>
    public Said? To(MachineTruth machine, Command command)
    {
        var line = command.Arguments;
        if (line.Length == 0)
            return null;
        if (Drbd(machine, line) is { } said)
            return said;
        return line[0] switch
        {
            "/bin/sh" or "/bin/bash" => Script(machine, command),
            "/usr/sbin/crm_mon" or "/usr/sbin/crm_node" or "/usr/sbin/cibadmin" or "/usr/sbin/pcs" or "/usr/bin/test" => Cluster(machine, line),
            HaProxyDriver.Socat or HaProxyDriver.Sha256 or HaProxyDriver.HaProxy => Balancer(machine, command),
            "/bin/systemctl" => Systemctl(machine, line),
            _ => Plain(machine, line),
        };
    }

    private static bool Is(ImmutableArray<string> line, ImmutableArray<string> known) => line.AsSpan().SequenceEqual(known.AsSpan());

    // ---- the machine itself --------------------------------------------------------------------------------------------

    private Said? Plain(MachineTruth machine, ImmutableArray<string> line)
    {
        if (Is(line, DrbdCommands.Proc))
        {
            return HasDrbd(machine) ? Said.Ok(drbd.Proc(machine))
                : Said.Failed(1, "/bin/cat: /proc/drbd: No such file or directory\n");
        }
        if (Is(line, MachineDriver.HostNameCommand))
            return Said.Ok((machine.CopyAnswers ? machine.HostName + "-restored" : machine.HostName) + "\n");
        if (Is(line, MachineDriver.BootCommand))
        {
            var uptime = (world.Now - machine.BootedAt).TotalSeconds;
            return Said.Ok(string.Create(CultureInfo.InvariantCulture, $"{machine.BootId}\n{uptime:0.00} {uptime * 1.8:0.00}\n"));
        }
        if (Is(line, MachineDriver.ClockCommand))
        {
            var clock = world.Utc + machine.ClockOffset;
            return Said.Ok(string.Create(CultureInfo.InvariantCulture, $"{clock.ToUnixTimeSeconds()}.{clock.Ticks % TimeSpan.TicksPerSecond * 100:000000000}\n"));
        }
        if (Is(line, MachineDriver.AddressesCommand))
            return Said.Ok(Addresses(machine));
        if (Is(line, MachineDriver.DisksCommand))
        {
            var text = new StringBuilder("Filesystem     1024-blocks     Used Available Capacity Mounted on\n");
            foreach (var disk in machine.Disks)
            {
                var free = machine.DiskFull ? 0 : disk.Free;
                text.Append(CultureInfo.InvariantCulture, $"/dev/sda1         {disk.Size} {disk.Size - free}  {free}      {100 - (100 * free / Math.Max(1, disk.Size))}% {disk.Mount}\n");
            }
            return Said.Ok(text.ToString());
        }
        if (Is(line, MachineDriver.RebootCommand))
        {
            return new Said(2, $"{(machine.RebootPending ? "/run/reboot-required\n" : "")}/etc/kernel/postinst.d/unattended-upgrades\n",
                "/bin/ls: cannot access '/run/reboot-required': No such file or directory\n/bin/ls: cannot access '/etc/kernel/postinst.d/update-notifier': No such file or directory\n",
                Timings.QuickCommand);
        }
        return null;
    }

    private string Addresses(MachineTruth machine)
    {
        var text = new StringBuilder("1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n");
        text.Append(CultureInfo.InvariantCulture, $"2: eth0    inet {machine.Address}/24 scope global eth0\\       valid_lft forever preferred_lft forever\n");
        foreach (var address in machine.MoreAddresses)
            text.Append(CultureInfo.InvariantCulture, $"3: eth1    inet {address}/24 scope global eth1\\       valid_lft forever preferred_lft forever\n");
        foreach (var set in world.Truth.PairOf(machine.Name)?.Sets ?? [])
        {
            if (set.FloatingAddress.Length > 0 && BalancerModel.AddressStarted(set, set.On(world.Truth.PairOf(machine.Name)!, machine.Name)))
                text.Append(CultureInfo.InvariantCulture, $"2: eth0    inet {set.FloatingAddress}/24 scope global secondary eth0\\       valid_lft forever preferred_lft forever\n");
        }
        return text.ToString();
    }

    // ---- Pacemaker and DRBD --------------------------------------------------------------------------------------------

    private Said? Cluster(MachineTruth machine, ImmutableArray<string> line)
    {
        if (machine.Node is null)
            return Is(line, PacemakerCommands.CanForecast) ? Said.Failed(1, "") : Said.Failed(127, $"{line[0]}: not found\n");
        if (Is(line, PacemakerCommands.CrmMon))
            return Mon(machine, false);
        if (Is(line, PacemakerCommands.CrmMonLegacy))
            return Mon(machine, true);
        if (Is(line, PacemakerCommands.CrmNode))
            return machine.Node.Running ? Said.Ok(machine.NodeName + "\n") : Said.Failed(102, "error: Could not connect to controller: Connection refused\n");
        if (Is(line, PacemakerCommands.Cib))
        {
            return machine.Node.Running
                ? new Said(0, pacemaker.Cib(machine), "", TimeSpan.FromMilliseconds(20))
                : Said.Failed(102, "Could not connect to the CIB API: Transport endpoint is not connected\n");
        }
        if (Is(line, PacemakerCommands.PcsVersion))
            return Said.Ok(machine.Node.PcsVersion + "\n");
        if (Is(line, PacemakerCommands.CanForecast))
            return machine.Node.HasCrmSimulate ? Said.Ok("") : Said.Failed(1, "");
        var (known, forgotten) = machine.Node.PcsVersion.StartsWith("0.9.", StringComparison.Ordinal) ? ("cluster", "node") : ("node", "cluster");
        return line is not ["/usr/sbin/pcs", var form, "standby" or "unstandby", var node] ? null
            : form == known ? Standby(machine, line[2] == "standby", node)
            : form == forgotten ? new Said(1, "", $"\nUsage: pcs {form} ...\n", Timings.Pcs)
            : null;
    }

    private Said Mon(MachineTruth machine, bool legacy)
    {
        var (code, text) = pacemaker.CrmMon(machine, legacy);
        return new(code, text, code == 0 ? "" : "crm_mon: Connection to cluster failed: Connection refused\n", Timings.CrmMon);
    }

    private Said Standby(MachineTruth machine, bool standby, string node)
    {
        if (machine.Node is not { Running: true, Online: true })
            return new(1, "", "Error: error running crm_mon, is pacemaker running?\n  error: Could not connect to launcher: Connection refused\n  crm_mon: Connection to cluster failed: Connection refused\n", Timings.Pcs);
        var pair = world.Truth.PairOf(machine.Name)!;
        foreach (var name in (ReadOnlySpan<string>)[pair.First, pair.Second])
        {
            if (world.Truth.Machine(name).NodeName != node)
                continue;
            world.Pacemaker.SetStandby(world.Truth.Machine(name), standby);
            return new(0, "", "", Timings.Pcs);
        }
        return new(1, "", $"Error: Node '{node}' does not appear to exist in configuration\n", Timings.Pcs);
    }

    private bool HasDrbd(MachineTruth machine) => world.Truth.PairOf(machine.Name)?.Sets.Exists(s => s.HasDrbd) ?? false;

    /// <summary>Null: none of DRBD's commands. They run only where the module is loaded.</summary>
    private Said? Drbd(MachineTruth machine, ImmutableArray<string> line)
    {
        var (json, events, status) = (Is(line, DrbdCommands.Json), Is(line, DrbdCommands.Events), Is(line, DrbdCommands.Status));
        if (!json && !events && !status)
            return null;
        if (!HasDrbd(machine))
            return Said.Failed(1, "");
        if (json)
            return DrbdText.IsNine(machine) ? Said.Ok(drbd.Json(machine)) : Said.Failed(20, "drbdsetup: unrecognized option '--json'\n");
        if (events)
            return Said.Ok(drbd.Events(machine));
        var (code, text) = drbd.Status(machine);
        return new(code, text, code == 0 ? "" : "No such resource\n", Timings.QuickCommand);
    }

    // ---- HAProxy -------------------------------------------------------------------------------------------------------

    private Said? Balancer(MachineTruth machine, Command command)
    {
        if (machine.Balancer is not { } truth)
            return Said.Failed(127, $"{command.Arguments[0]}: not found\n");
        switch (command.Arguments)
        {
            case [HaProxyDriver.Socat, .., var socket] when socket.StartsWith("UNIX-CONNECT:", StringComparison.Ordinal):
                return truth.Running
                    ? Said.Ok(balancer.Say(machine, command.Input))
                    : Said.Failed(1, $"2026/11/22 10:43:04 socat[921] E connect(5, AF=1 \"{socket[13..]}\", 25): Connection refused\n");
            case [HaProxyDriver.Sha256, var file]:
                return Said.Ok($"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  {file}\n");
            case [HaProxyDriver.HaProxy, "-c", "-q", "-f", _]:
                return new Said(truth.FileValid ? 0 : 1, "", "", TimeSpan.FromMilliseconds(30));
            default:
                return null;
        }
    }

    // ---- services ------------------------------------------------------------------------------------------------------

    private Said? Systemctl(MachineTruth machine, ImmutableArray<string> line)
    {
        if (Is(line, PacemakerCommands.DaemonsEnabled))
        {
            return machine.Node is { StartsAtBoot: true } ? Said.Ok("enabled\nenabled\n")
                : new Said(1, "disabled\ndisabled\n", "", Timings.QuickCommand);
        }
        if (line is not ["/bin/systemctl", "start" or "stop", "--no-block", "--", var name])
            return null;
        if (machine.Service(name) is not { Installed: true } service)
            return Said.Failed(5, $"Failed to {line[1]} {name}.service: Unit {name}.service not found.\n");
        if (line[1] == "start")
            world.Services.Start(machine, service);
        else
            world.Services.Stop(machine, service);
        return Said.Ok("");
    }

    private static string Services(MachineTruth machine, ReadOnlySpan<string> names)
    {
        var text = new StringBuilder();
        foreach (var name in names)
        {
            var service = machine.Service(name) is { Installed: true } s ? s : null;
            var (active, sub) = service switch
            {
                null => ("inactive", "dead"),
                { Run: ServiceRun.Running } => ("active", "running"),
                { Run: ServiceRun.Starting } => ("activating", "start"),
                { Run: ServiceRun.Stopping } => ("deactivating", "stop-sigterm"),
                { Failed: true } => ("failed", "failed"),
                _ => ("inactive", "dead"),
            };
            text.Append(CultureInfo.InvariantCulture, $"name={name}\nmanager=systemd\nId={name}.service\nLoadState={(service is null ? "not-found" : "loaded")}\n");
            text.Append(CultureInfo.InvariantCulture, $"ActiveState={active}\nSubState={sub}\nResult={(service is { Failed: true } ? "exit-code" : "success")}\n");
            text.Append(CultureInfo.InvariantCulture, $"UnitFileState={(service is null ? "" : service.Enabled ? "enabled" : "disabled")}\nMainPID={(active == "active" ? 4711 : 0)}\nSourcePath=\nWantedBy={(service is { Enabled: true } ? "multi-user.target" : "")}\n");
        }
        return text.Append("end\n").ToString();
    }

    // ---- scripts -------------------------------------------------------------------------------------------------------

    /// <summary>Scripts are known by their whole text, so that one the drivers changed without this model is not answered.</summary>
    private Said? Script(MachineTruth machine, Command command)
    {
        var line = command.Arguments;
        if (line.Length < 3)
            return null;
        var script = line[2];
        var words = line.AsSpan()[Math.Min(4, line.Length)..];
        if (script == ServicesDriver.LookScript)
            return Said.Ok(Services(machine, words));
        if (script == ClaimDriver.LookScript)
            return Said.Ok(Claim(machine));
        if (script == ClaimDriver.TakeScript)
            return Take(machine, words);
        if (script == ClaimDriver.ReleaseScript)
            return Release(machine, words);
        if (script == DatabaseScripts.Look)
            return Said.Of(database.Look(machine), TimeSpan.FromMilliseconds(25));
        if (script == DatabaseScripts.Replication)
            return Said.Of(database.Replication(machine, words[1]), TimeSpan.FromMilliseconds(60));
        if (script == DatabaseScripts.End)
            return Said.Of(database.End(machine, words[1]), TimeSpan.FromMilliseconds(15));
        if (script == PacemakerCommands.ForecastScript)
            return machine.Node is not { HasCrmSimulate: true } ? Said.Failed(PacemakerCommands.ForecastToolMissing, "crm_simulate is not installed\n")
                : Said.Of(pacemaker.Forecast(machine, words[0], words is [_, PacemakerCommands.JoinsWord]), Timings.Pcs + Timings.Pcs + (Timings.CrmSimulate * 3));
        if (script == HaProxyDriver.AgeScript)
            return machine.Balancer is not { } written ? Said.Failed(1, "")
                : Said.Ok(string.Create(CultureInfo.InvariantCulture, $"{(long)(world.Now + machine.ClockOffset - written.FileWrittenAt).TotalSeconds}\n"));
        if (script == BootDriver.Script)
            return Said.Ok(Boot(machine));
        if (script == BackupScripts.List)
            return Said.Ok(Backups(machine));
        if (script == BackupScripts.Start)
            return StartBackup(machine, words);
        if (script == BackupScripts.Remove)
            return RemoveBackup(machine, words);
        if (script == ClientDriver.MountScript || script == ClientDriver.ShareScript)
            return Said.Ok(Share(machine, script == ClientDriver.MountScript ? "/mnt: Transport endpoint is not connected" : "NT_STATUS_HOST_UNREACHABLE"));
        if (script == ClientDriver.DatabaseScript || script == ClientDriver.GreetingScript)
            return Said.Ok(Greeting(machine, script == ClientDriver.GreetingScript, words[0], words[1]));
        return line.Length == 3 ? Singletons.Answer(world, machine, script) : null;
    }

    /// <summary>The share is the cluster's, so it is disabled; mysql is MySQL's own unit, and an alias of mariadb otherwise.</summary>
    private static string Boot(MachineTruth machine)
    {
        var text = new StringBuilder();
        void Unit(string name, string state) => text.Append(
            CultureInfo.InvariantCulture, $"Id={name}.service\nLoadState={(state.Length > 0 ? "loaded" : "not-found")}\nUnitFileState={state}\nWantedBy=\n\n");
        var database = machine.Database is { } db ? State(db.StartsAtBoot) : "";
        foreach (var name in (ReadOnlySpan<string>)["mariadb", "mysql", "mysqld"])
        {
            if (machine.Database is { IsMysql: true })
                Unit(name, name == "mysql" ? database : "");
            else
                Unit(database.Length > 0 ? "mariadb" : name, database);
        }
        Unit("haproxy", machine.Balancer is { } balancer ? State(balancer.StartsAtBoot) : "");
        Unit("smbd", machine.Node is not null ? "disabled" : "");
        foreach (var name in (ReadOnlySpan<string>)["smb", "nfs-server", "nfs-kernel-server"])
            Unit(name, "");
        return text.Append(CultureInfo.InvariantCulture, $"kernel=6.1.0-18-amd64 drbd=yes\nkernel=6.1.0-21-amd64 drbd={(machine.NewKernelHasDrbd ? "yes" : "no")}\nend\n").ToString();

        static string State(bool enabled) => enabled ? "enabled" : "disabled";
    }

    private static string Claim(MachineTruth machine) => machine.Claim is { } claim
        ? string.Create(CultureInfo.InvariantCulture, $"run={claim.Run}\ncontroller={claim.Controller}\nepoch={claim.Epoch}\nend\n")
        : "free\nend\n";

    private static Said Take(MachineTruth machine, ReadOnlySpan<string> words)
    {
        var wanted = new ClaimTruth(words[1], words[2], int.Parse(words[3], CultureInfo.InvariantCulture));
        var (word, code) = machine.Claim switch
        {
            null => ("taken", 0),
            var held when words[4..].Contains(held.Run) => ("seized", 0),
            var held when held.Run != wanted.Run || held.Epoch > wanted.Epoch => ("refused", 3),
            var held when held.Epoch == wanted.Epoch => held.Controller == wanted.Controller ? ("held", 0) : ("refused", 3),
            _ => ("raised", 0),
        };
        if (code == 0)
            machine.Claim = wanted;
        return new(code, Holder(word, machine), "", Timings.QuickCommand);
    }

    private static Said Release(MachineTruth machine, ReadOnlySpan<string> words)
    {
        if (machine.Claim is not { } held)
            return Said.Ok(Holder("free", machine));
        if (held.Run != words[1] || held.Epoch.ToString(CultureInfo.InvariantCulture) != words[3])
            return new(3, Holder("refused", machine), "", Timings.QuickCommand);
        machine.Claim = null;
        return Said.Ok(Holder("released", machine));
    }

    private static string Holder(string word, MachineTruth machine) => machine.Claim is { } claim
        ? string.Create(CultureInfo.InvariantCulture, $"{word}\nrun={claim.Run}\ncontroller={claim.Controller}\nepoch={claim.Epoch}\nend\n")
        : $"{word}\nrun=\ncontroller=\nepoch=\nend\n";

    private string Backups(MachineTruth machine)
    {
        var text = new StringBuilder();
        foreach (var backup in machine.Backups)
        {
            var (file, unit) = backup.Running ? ("part", "activating") : backup.Complete ? ("complete", "gone") : ("part", "gone");
            var done = backup.Running ? Math.Clamp((world.Now - backup.StartedAt) / (backup.EndsAt - backup.StartedAt), 0, 1) : 1;
            text.Append(CultureInfo.InvariantCulture, $"{backup.Id}\t{file}\t{unit}\t{(long)(backup.Bytes * done)}\t\n");
        }
        return text.Append(CultureInfo.InvariantCulture, $"end {machine.Backups.Count}\n").ToString();
    }

    private Said StartBackup(MachineTruth machine, ReadOnlySpan<string> words)
    {
        if (machine.Database is not { Running: true })
            return Said.Failed(BackupScripts.Refused, "the size of the data could not be read\n");
        if (machine.DiskFull)
            return Said.Failed(BackupScripts.Refused, $"{words[1]} has 0 KiB free, the data is 40000 KiB\n");
        var id = words[2];
        if (machine.Backups.Find(b => b.Id == id) is { } old)
        {
            if (old.Running || old.Complete)
                return Said.Ok("");
            machine.Backups.Remove(old);
        }
        var takes = world.Dice.Between(Timings.BackupLeast, Timings.BackupMost);
        machine.Backups.Add(new()
        {
            Id = id,
            Unit = "changeover-backup-" + id,
            File = $"{words[1]}/{id}.sql.gz",
            StartedAt = world.Now,
            EndsAt = world.Now + takes,
            Bytes = 40_000_000 + (long)(takes.TotalMilliseconds * 1000),
        });
        world.After(takes, new BackupEnds(machine.Name, id));
        return Said.Ok("");
    }

    private static Said RemoveBackup(MachineTruth machine, ReadOnlySpan<string> words)
    {
        var id = words[1];
        if (machine.DiskReadOnly)
            return Said.Failed(1, $"rm: cannot remove '{id}.sql.gz': Read-only file system\n");
        if (machine.Backups.Exists(b => b.Id == id && b.Running))
            return Said.Failed(BackupScripts.Refused, "this backup is being made just now\n");
        machine.Backups.RemoveAll(b => b.Id == id);
        return Said.Ok("");
    }

    private string Share(MachineTruth machine, string why) => world.ShareAnswers(machine)
        ? "readable=yes\nwritable=yes\ndetail=\nend\n"
        : $"readable=no\nwritable=no\ndetail={why}\nend\n";

    private string Greeting(MachineTruth machine, bool raw, string address, string port)
    {
        var reached = ServerGreeting.Through(world, machine);
        if (raw)
            return reached is null ? $"received=\ndetail=no connection to {address} port {port}\nend\n" : $"received={reached}\ndetail=\nend\n";
        return reached is { Length: > 0 } ? "answers=yes\ndetail=\nend\n"
            : $"answers=no\ndetail=ERROR 2002 (HY000): Can't connect to server on '{address}' (115)\nend\n";
    }
}
