using System.Text.Json.Serialization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

public sealed class BalancerTruth
{
    public required string Role { get; init; }
    public bool Running { get; set; } = true;
    public bool StartsAtBoot { get; set; } = true;
    public TimeSpan StartedAt { get; set; }

    /// <summary>Its configuration file.</summary>
    public TimeSpan FileWrittenAt { get; set; } = TimeSpan.FromDays(-50);
    public bool FileValid { get; set; } = true;

    /// <summary>Of its socket: admin, operator or user; empty: it does not say.</summary>
    public string Level { get; set; } = "admin";
    public List<ServerTruth> Servers { get; set; } = [];
    public int Version { get; set; }

    public ServerTruth? Server(string backend, string name)
    {
        foreach (var server in Servers)
        {
            if (server.Name == name && server.Backend == backend)
                return server;
        }
        return null;
    }
}

public sealed class ServerTruth
{
    public required string Backend { get; init; }
    public required string Name { get; init; }
    public required string Machine { get; init; }
    public required int Port { get; init; }
    public bool Backup { get; init; }

    /// <summary>In the memory of the process only.</summary>
    public ServerAdmin Admin { get; set; } = ServerAdmin.Ready;
    public int Weight { get; set; } = 1;
    public bool Up { get; set; } = true;
    public TimeSpan ChangedAt { get; set; }
    public bool CheckPending { get; set; }

    /// <summary>Takes new sessions now.</summary>
    [JsonIgnore]
    public bool IsReady => Up && Admin == ServerAdmin.Ready && Weight > 0;
}
