using System.Globalization;
using System.Text;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// What the MySQL 8.4 client prints in batch mode where it differs from MariaDB's: names of columns and variables, GTID sets with
/// UUIDs, threads, words of errors. Written from the manual and the server's source; no server was asked.
/// </summary>
internal static class MysqlText
{
    public const string NoServer =
        "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)\n";

    /// <summary>Of an event that came by replication; SLAVESIDE_DISABLED before 8.2.</summary>
    public const string StandingJob = "REPLICA_SIDE_DISABLED";

    private static readonly ImmutableArray<string> ReplicaColumns =
    [
        "Replica_IO_State", "Source_Host", "Source_User", "Source_Port", "Connect_Retry", "Source_Log_File", "Read_Source_Log_Pos",
        "Relay_Log_File", "Relay_Log_Pos", "Relay_Source_Log_File", "Replica_IO_Running", "Replica_SQL_Running", "Replicate_Do_DB",
        "Replicate_Ignore_DB", "Replicate_Do_Table", "Replicate_Ignore_Table", "Replicate_Wild_Do_Table", "Replicate_Wild_Ignore_Table",
        "Last_Errno", "Last_Error", "Skip_Counter", "Exec_Source_Log_Pos", "Relay_Log_Space", "Until_Condition", "Until_Log_File",
        "Until_Log_Pos", "Source_SSL_Allowed", "Source_SSL_CA_File", "Source_SSL_CA_Path", "Source_SSL_Cert", "Source_SSL_Cipher",
        "Source_SSL_Key", "Seconds_Behind_Source", "Source_SSL_Verify_Server_Cert", "Last_IO_Errno", "Last_IO_Error", "Last_SQL_Errno",
        "Last_SQL_Error", "Replicate_Ignore_Server_Ids", "Source_Server_Id", "Source_UUID", "Source_Info_File", "SQL_Delay",
        "SQL_Remaining_Delay", "Replica_SQL_Running_State", "Source_Retry_Count", "Source_Bind", "Last_IO_Error_Timestamp",
        "Last_SQL_Error_Timestamp", "Source_SSL_Crl", "Source_SSL_Crlpath", "Retrieved_Gtid_Set", "Executed_Gtid_Set", "Auto_Position",
        "Replicate_Rewrite_DB", "Channel_Name", "Source_TLS_Version", "Source_public_key_path", "Get_Source_public_key", "Network_Namespace",
    ];

    public static IEnumerable<(string Name, string Value)> Variables(MachineTruth machine, DatabaseTruth db) =>
    [
        ("binlog_expire_logs_auto_purge", "ON"), ("binlog_expire_logs_seconds", "2592000"), ("event_scheduler", db.EventScheduler ? "ON" : "OFF"),
        ("gtid_executed", Executed(db)), ("gtid_mode", db.GtidMode ? "ON" : "OFF"), ("hostname", machine.HostName), ("log_bin", "ON"),
        ("log_replica_updates", "ON"), ("log_slave_updates", "ON"), ("port", "3306"), ("read_only", db.ReadOnly ? "ON" : "OFF"),
        ("server_id", Text(db.ServerId)), ("super_read_only", "OFF"), ("version", db.Version), ("version_comment", "MySQL Community Server - GPL"),
    ];

    /// <summary>Its own threads: scheduler, receiver, and an applier of a coordinator and four workers (replica_parallel_workers) that end together.</summary>
    public static IEnumerable<(string User, string Host, string Command)> Threads(DatabaseTruth db)
    {
        if (db.EventScheduler)
            yield return ("event_scheduler", "localhost", "Daemon");
        if (db.Channel is { IoState: not ReplicationThread.Stopped })
            yield return ("system user", "connecting host", "Connect");
        if (db.Channel is not { Sql: true, SqlErrno: 0 })
            yield break;
        yield return ("system user", "", "Query");
        for (var worker = 0; worker < 4; worker++)
            yield return ("system user", "", "Connect");
    }

    public static void Position(StringBuilder text, DatabaseTruth db) => text.Append(
        CultureInfo.InvariantCulture, $"File\tPosition\tBinlog_Do_DB\tBinlog_Ignore_DB\tExecuted_Gtid_Set\n{db.LogFile}\t{db.LogPosition}\t\t\t{Executed(db)}\n");

    /// <summary>Everything it has, by the server that first committed it; the client writes the line breaks between them as \n.</summary>
    private static string Executed(DatabaseTruth db) => Set(db, db.Has);

    /// <summary>What came from its source.</summary>
    private static string Retrieved(DatabaseTruth db, ChannelTruth channel) =>
        Set(db, [.. db.Has.Select((had, i) => i == db.ServerId - 1 ? 0 : had + channel.Read[i])]);

    private static string Set(DatabaseTruth db, long[] counts) => !db.GtidMode ? "" : string.Join(",\\n", counts
        .Select((n, i) => (Uuid: Uuid(i + 1), Last: n))
        .Where(o => o.Last > 0)
        .Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Uuid}:{(o.Last == 1 ? "1" : $"1-{o.Last}")}")));

    private static string Uuid(int serverId) => string.Create(CultureInfo.InvariantCulture, $"{serverId:x8}-71ca-11e1-9e33-c80aa9429562");

    public static void Replicas(StringBuilder text, DatabaseTruth db, ChannelTruth channel, MachineTruth source)
    {
        var pending = DatabaseModel.Unapplied(channel);
        var sql = channel is { Sql: true, SqlErrno: 0 };
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Replica_IO_State"] = channel.IoState switch
            {
                ReplicationThread.Running => "Waiting for source to send event",
                ReplicationThread.Connecting => channel.IoErrno == DatabaseModel.AccessDenied ? "Connecting to source" : "Reconnecting after a failed source event read",
                _ => "",
            },
            ["Source_Host"] = source.Address,
            ["Source_User"] = "repl",
            ["Source_Port"] = "3306",
            ["Connect_Retry"] = Text((long)Timings.MysqlConnectRetry.TotalSeconds),
            ["Source_Log_File"] = channel.ReadFile,
            ["Read_Source_Log_Pos"] = Text(channel.ReadPosition),
            ["Relay_Log_File"] = "relay.000002",
            ["Relay_Log_Pos"] = Text(channel.ReadPosition + 296),
            ["Relay_Source_Log_File"] = channel.ReadFile,
            ["Replica_IO_Running"] = channel.IoState switch { ReplicationThread.Running => "Yes", ReplicationThread.Connecting => "Connecting", _ => "No" },
            ["Replica_SQL_Running"] = sql ? "Yes" : "No",
            ["Last_Errno"] = Text(channel.SqlErrno),
            ["Last_Error"] = SqlError(channel),
            ["Skip_Counter"] = "0",
            ["Exec_Source_Log_Pos"] = Text(Math.Max(4, channel.ReadPosition - (pending * Timings.TransactionBytes))),
            ["Relay_Log_Space"] = "920",
            ["Until_Condition"] = "None",
            ["Until_Log_Pos"] = "0",
            ["Source_SSL_Allowed"] = "Yes",
            ["Seconds_Behind_Source"] = channel.IoState == ReplicationThread.Running && sql
                ? Text(pending * Timings.ApplyLagging.Ticks / TimeSpan.TicksPerSecond) : "NULL",
            ["Source_SSL_Verify_Server_Cert"] = "No",
            ["Last_IO_Errno"] = Text(channel.IoErrno),
            ["Last_IO_Error"] = IoError(channel, source),
            ["Last_SQL_Errno"] = Text(channel.SqlErrno),
            ["Last_SQL_Error"] = SqlError(channel),
            ["Source_Server_Id"] = Text(source.Database?.ServerId ?? 0),
            ["Source_UUID"] = source.Database is { } from ? Uuid(from.ServerId) : "",
            ["Source_Info_File"] = "mysql.slave_master_info",
            ["SQL_Delay"] = "0",
            ["SQL_Remaining_Delay"] = "NULL",
            ["Replica_SQL_Running_State"] = sql ? "Replica has read all relay log; waiting for more updates" : "",
            ["Source_Retry_Count"] = Text(Timings.MysqlRetryCount),
            ["Retrieved_Gtid_Set"] = Retrieved(db, channel),
            ["Executed_Gtid_Set"] = Executed(db),
            ["Auto_Position"] = db.GtidMode && channel.UsesGtid ? "1" : "0",
            ["Get_Source_public_key"] = "0",
        };
        text.AppendJoin('\t', ReplicaColumns).Append('\n');
        text.AppendJoin('\t', ReplicaColumns.Select(c => values.GetValueOrDefault(c, ""))).Append('\n');
    }

    private static string IoError(ChannelTruth channel, MachineTruth source) => channel.IoErrno switch
    {
        0 => "",
        DatabaseModel.MysqlLogsGone or DatabaseModel.LogsGone =>
            "Got fatal error 1236 from source when reading data from binary log: 'Could not find first log file name in binary log index file'",
        DatabaseModel.AccessDenied => Tried(channel, source, "connecting", $"Access denied for user 'repl'@'{source.Address}' (using password: YES)"),
        _ => Tried(channel, source, "reconnecting", $"Can't connect to MySQL server on '{source.Address}:3306' (111)"),
    };

    private static string Tried(ChannelTruth channel, MachineTruth source, string what, string message) => string.Create(
        CultureInfo.InvariantCulture,
        $"Error {what} to source 'repl@{source.Address}:3306'. This was attempt {Math.Max(1, channel.Attempts)}/{Timings.MysqlRetryCount}, with a delay of {Timings.MysqlConnectRetry.TotalSeconds} seconds between attempts. Message: {message}");

    private static string SqlError(ChannelTruth channel) => channel.SqlErrno == 0 ? ""
        : "Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: Worker 1 failed executing transaction "
            + $"'{Uuid(1)}:7' at source log {channel.ReadFile}, end_log_pos {Text(channel.ReadPosition)}. See error log and/or "
            + "performance_schema.replication_applier_status_by_worker table for more details about this failure or others, if any.";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
