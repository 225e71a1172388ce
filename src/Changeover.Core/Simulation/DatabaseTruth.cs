using System.Text.Json.Serialization;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Simulation;

public sealed class DatabaseTruth
{
    public int ServerId { get; init; }

    /// <summary>As the server says it; it decides how the server speaks.</summary>
    public string Version { get; set; } = "10.11.18-MariaDB-0+deb12u1-log";

    /// <summary>MySQL's gtid_mode; MariaDB always has GTIDs.</summary>
    public bool GtidMode { get; set; } = true;

    public bool IsMaster { get; init; }
    public bool Running { get; set; } = true;
    public bool StartsAtBoot { get; set; } = true;

    /// <summary>Without it its replica threads wait for somebody who starts them (skip_slave_start, skip_replica_start).</summary>
    public bool ReplicatesAtBoot { get; set; } = true;

    public bool ReadOnly { get; set; }
    public bool EventScheduler { get; set; }
    public int LogNumber { get; set; } = 2;

    /// <summary>Older logs than this one were removed.</summary>
    public int OldestLogNumber { get; set; } = 2;

    /// <summary>Events before the oldest log.</summary>
    public long OldestLogBase { get; set; }

    /// <summary>Events that came by replication and stand still here.</summary>
    public List<string> StandingJobs { get; set; } = [];

    /// <summary>Events before the current log.</summary>
    public long LogBase { get; set; }

    /// <summary>Transactions held, by the server that first committed them (index: server id − 1).</summary>
    public long[] Has { get; set; } = [];

    /// <summary>Whose transaction was the last one here.</summary>
    public int LastOrigin { get; set; } = 1;

    /// <summary>Sessions that write here now.</summary>
    public int Writers { get; set; }
    public long WriteCredit { get; set; }
    public long ApplyCredit { get; set; }
    public bool Lagging { get; set; }
    public long NextSession { get; set; } = 100;
    public ChannelTruth? Channel { get; set; }

    [JsonIgnore]
    public bool IsMysql => !Version.Contains("MariaDB", StringComparison.Ordinal);

    [JsonIgnore]
    public long Total
    {
        get
        {
            long total = 0;
            foreach (var n in Has)
                total += n;
            return total;
        }
    }

    [JsonIgnore]
    public string LogFile => $"binlog.{LogNumber:d6}";

    [JsonIgnore]
    public long LogPosition => 325 + ((Total - LogBase) * Timings.TransactionBytes);
}

/// <summary>The one source a database follows.</summary>
public sealed class ChannelTruth
{
    public required string Source { get; init; }

    /// <summary>What START and STOP set; also at boot.</summary>
    public bool Io { get; set; } = true;
    public bool Sql { get; set; } = true;

    public ReplicationThread IoState { get; set; } = ReplicationThread.Running;
    public bool ConnectPending { get; set; }

    /// <summary>Counts what the thread was told, so that a try of an earlier life of it is none of the present one.</summary>
    public int Turn { get; set; }

    /// <summary>Tries in a row that failed.</summary>
    public int Attempts { get; set; }

    /// <summary>Its place at the source is kept by GTID: Using_Gtid, Auto_Position.</summary>
    public bool UsesGtid { get; set; } = true;

    public bool PasswordWrong { get; set; }
    public int IoErrno { get; set; }
    public int SqlErrno { get; set; }

    /// <summary>Read from the source and not applied yet, by first server.</summary>
    public long[] Read { get; set; } = [];
    public string ReadFile { get; set; } = "binlog.000002";
    public long ReadPosition { get; set; } = 325;
}

public sealed class SessionTruth
{
    public required long Id { get; init; }

    /// <summary>The machine with the client, and the service there that holds it.</summary>
    public required string Client { get; init; }
    public required string Service { get; init; }

    /// <summary>The balancer it goes through; empty: direct.</summary>
    public required string Balancer { get; init; }
    public required string Database { get; init; }
    public required TimeSpan Since { get; init; }

    /// <summary>Writes transactions. A forgotten session only sits there.</summary>
    public bool Writes { get; set; } = true;

    /// <summary>Nobody ends it when the service ends.</summary>
    public bool Forgotten { get; set; }
}
