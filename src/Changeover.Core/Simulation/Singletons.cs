using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>The site's own commands for a singleton: the probe, and the control with start or stop behind it.</summary>
internal static class Singletons
{
    /// <summary>Null: the command is neither.</summary>
    public static Said? Answer(World world, MachineTruth machine, string command)
    {
        foreach (var service in world.Inventory.Services)
        {
            if (service.Singleton.Length == 0)
                continue;
            var singleton = machine.Singletons.Find(s => s.Name == service.Singleton);
            if (command == service.SingletonProbe)
                return Said.Ok(singleton is { Running: true } ? "running\n" : "stopped\n");
            if (service.SingletonControl.Length > 0 && command == service.SingletonControl + " start")
                return Set(world, machine, singleton, true);
            if (service.SingletonControl.Length > 0 && command == service.SingletonControl + " stop")
                return Set(world, machine, singleton, false);
        }
        return null;
    }

    private static Said Set(World world, MachineTruth machine, SingletonTruth? singleton, bool run)
    {
        if (singleton is null)
            return Said.Failed(1, "not installed\n");
        if (machine.SingletonRefuses)
            return Said.Failed(1, "the daemon does not answer\n");
        singleton.Wanted = run;
        // It lives inside its service.
        if (run && machine.Service(singleton.Service) is not { Run: ServiceRun.Running })
            return Said.Failed(1, $"{singleton.Service} is not running\n");
        world.Services.SetSingleton(machine, singleton, run);
        return Said.Ok("");
    }
}

/// <summary>The first bytes a client gets from the database's port at the floating address.</summary>
internal static class ServerGreeting
{
    // Protocol 10, version, thread 42, salt, capabilities; then the refusal of a login without a password: 1045, and by MySQL 8.4, which
    // has no plug-in that such an old client could use, 1251. Source: MySQL client/server protocol, "Connection Phase"; sql_authentication.cc.
    private static readonly string Maria = Hex(
        [.. "5.5.5-10.11.18-MariaDB-0+deb12u1-log\0"u8, 42, 0, 0, 0, .. "abcdefgh\0"u8, 0xfe, 0xf7, 45, 2, 0, 0xff, 0x81, 21, 0, 0, 0, 0, 0, 0, 0x1d, 0, 0, 0],
        "mysql_native_password\0"u8, 1045, "#28000Access denied for user 'changeover'"u8);
    private static readonly string Mysql = Hex(
        [.. "8.4.7\0"u8, 42, 0, 0, 0, .. "abcdefgh\0"u8, 0xff, 0xff, 255, 2, 0, 0xff, 0xdf, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        "caching_sha2_password\0"u8, 1251, "#08004Client does not support authentication protocol requested by server; consider upgrading MySQL client"u8);

    /// <summary>Hexadecimal; empty: the balancer takes the connection and closes it; null: nobody answers at the address.</summary>
    public static string? Through(World world, MachineTruth client)
    {
        if (client.Unreachable)
            return null;
        var writer = BalancerModel.Writers(world.Truth, world.WriterBackend, out var balancer);
        return writer?.Database is { Running: true } db ? db.IsMysql ? Mysql : Maria : balancer is null ? null : "";
    }

    private static string Hex(ReadOnlySpan<byte> beginning, ReadOnlySpan<byte> plugIn, int error, ReadOnlySpan<byte> words)
    {
        byte[] greeting = [10, .. beginning, .. "ijklmnopqrst\0"u8, .. plugIn];
        byte[] refusal = [0xff, (byte)error, (byte)(error >> 8), .. words];
        return Convert.ToHexStringLower([(byte)greeting.Length, 0, 0, 0, .. greeting, (byte)refusal.Length, 0, 0, 2, .. refusal]);
    }
}
