using System.Globalization;
using System.Text;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// What the client prints in batch mode for the questions of the database driver: MariaDB 10.11's words here, where MySQL has others
/// they are <see cref="MysqlText"/>'s.
/// </summary>
internal sealed class DatabaseText(World world)
{
    private static string NoServer(MachineTruth machine) => machine.Database is { IsMysql: true } ? MysqlText.NoServer
        : "ERROR 2002 (HY000): Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)\n";

    private static readonly ImmutableArray<string> ReplicaColumns =
    [
        "Connection_name", "Slave_SQL_State", "Slave_IO_State", "Master_Host", "Master_User", "Master_Port", "Connect_Retry",
        "Master_Log_File", "Read_Master_Log_Pos", "Relay_Log_File", "Relay_Log_Pos", "Relay_Master_Log_File", "Slave_IO_Running",
        "Slave_SQL_Running", "Replicate_Do_DB", "Replicate_Ignore_DB", "Replicate_Do_Table", "Replicate_Ignore_Table",
        "Replicate_Wild_Do_Table", "Replicate_Wild_Ignore_Table", "Last_Errno", "Last_Error", "Skip_Counter", "Exec_Master_Log_Pos",
        "Relay_Log_Space", "Until_Condition", "Until_Log_File", "Until_Log_Pos", "Master_SSL_Allowed", "Master_SSL_CA_File",
        "Master_SSL_CA_Path", "Master_SSL_Cert", "Master_SSL_Cipher", "Master_SSL_Key", "Seconds_Behind_Master",
        "Master_SSL_Verify_Server_Cert", "Last_IO_Errno", "Last_IO_Error", "Last_SQL_Errno", "Last_SQL_Error",
        "Replicate_Ignore_Server_Ids", "Master_Server_Id", "Master_SSL_Crl", "Master_SSL_Crlpath", "Using_Gtid", "Gtid_IO_Pos",
        "Replicate_Do_Domain_Ids", "Replicate_Ignore_Domain_Ids", "Parallel_Mode", "SQL_Delay", "SQL_Remaining_Delay",
        "Slave_SQL_Running_State", "Slave_DDL_Groups", "Slave_Non_Transactional_Groups", "Slave_Transactional_Groups",
        "Replicate_Rewrite_DB", "Retried_transactions", "Max_relay_log_size", "Executed_log_entries", "Slave_received_heartbeats",
        "Slave_heartbeat_period", "Gtid_Slave_Pos",
    ];

    public (int Code, string Text, string Error) Look(MachineTruth machine)
    {
        if (machine.Database is not { Running: true } db)
            return (1, "", NoServer(machine));
        world.Databases.Settle();
        var text = new StringBuilder(4096);
        Part(text, "variables");
        text.Append("Variable_name\tValue\n");
        foreach (var (name, value) in db.IsMysql ? MysqlText.Variables(machine, db) : Variables(machine, db))
            text.Append(name).Append('\t').Append(value).Append('\n');
        Part(text, "rights");
        text.Append("PROCESS\n1\n");
        Part(text, "sessions");
        Sessions(text, machine, db);
        Part(text, "events");
        if (db.StandingJobs.Count > 0)
            text.Append("EVENT_SCHEMA\tEVENT_NAME\tSTATUS\n");
        foreach (var job in db.StandingJobs)
            text.Append(CultureInfo.InvariantCulture, $"{(job.Split('.') is [var schema, var name] ? $"{schema}\t{name}" : $"jtel\t{job}")}\t{(db.IsMysql ? MysqlText.StandingJob : "SLAVESIDE_DISABLED")}\n");
        Part(text, "position");
        if (db.IsMysql)
            MysqlText.Position(text, db);
        else
            text.Append(CultureInfo.InvariantCulture, $"File\tPosition\tBinlog_Do_DB\tBinlog_Ignore_DB\n{db.LogFile}\t{db.LogPosition}\t\t\n");
        Part(text, "logs");
        var (column, plain) = db.IsMysql ? ("\tEncrypted", "\tNo") : ("", "");
        text.Append(CultureInfo.InvariantCulture, $"Log_name\tFile_size{column}\n");
        for (var n = db.OldestLogNumber; n < db.LogNumber; n++)
            text.Append(CultureInfo.InvariantCulture, $"binlog.{n:d6}\t1073741824{plain}\n");
        text.Append(CultureInfo.InvariantCulture, $"{db.LogFile}\t{db.LogPosition}{plain}\n");
        Part(text, "replicas");
        if (db.Channel is { } channel && db.IsMysql)
            MysqlText.Replicas(text, db, channel, world.Truth.Machine(channel.Source));
        else if (db.Channel is { } its)
            Replicas(text, db, its);
        Part(text, "end");
        return (0, text.ToString(), "");
    }

    private static void Part(StringBuilder text, string name) => text.Append("@@changeover part\n").Append(name).Append('\n');

    private static IEnumerable<(string Name, string Value)> Variables(MachineTruth machine, DatabaseTruth db)
    {
        var gtid = Gtid(db);
        return
        [
            ("event_scheduler", db.EventScheduler ? "ON" : "OFF"), ("expire_logs_days", "10.000000"), ("binlog_expire_logs_seconds", "864000"),
            ("gtid_binlog_pos", gtid), ("gtid_binlog_state", GtidState(db)), ("gtid_current_pos", gtid), ("gtid_slave_pos", gtid),
            ("hostname", machine.HostName), ("log_bin", "ON"), ("log_slave_updates", "ON"), ("port", "3306"),
            ("read_only", db.ReadOnly ? "ON" : "OFF"), ("server_id", Text(db.ServerId)), ("version", db.Version), ("version_comment", "Debian 12"),
        ];
    }

    /// <summary>One domain for all: the newest event, by the server that first wrote it.</summary>
    private static string Gtid(DatabaseTruth db) =>
        db.Total == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"0-{db.LastOrigin}-{db.Total}");

    private static string GtidState(DatabaseTruth db)
    {
        var parts = new List<string>();
        for (var i = 0; i < db.Has.Length; i++)
        {
            if (db.Has[i] > 0 && i + 1 != db.LastOrigin)
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"0-{i + 1}-{db.Has[i]}"));
        }
        if (db.Total > 0)
            parts.Add(Gtid(db));
        return string.Join(',', parts);
    }

    private void Sessions(StringBuilder text, MachineTruth machine, DatabaseTruth db)
    {
        text.Append("ID\tUSER\tHOST\tDB\tCOMMAND\tTIME\tOWN\n");
        var id = 2;
        foreach (var (user, host, command) in db.IsMysql ? MysqlText.Threads(db) : Threads(db))
            Row(id++, user, host, "NULL", command, 355, false);
        foreach (var follower in world.DatabaseOrder)
        {
            if (follower.Database!.Channel is { IoState: ReplicationThread.Running } c && c.Source == machine.Name)
            {
                var dump = follower.Database is { IsMysql: true, GtidMode: true } && c.UsesGtid ? "Binlog Dump GTID" : "Binlog Dump";
                Row(id++, "repl", string.Create(CultureInfo.InvariantCulture, $"{follower.Address}:{57400 + id}"), "NULL", dump, 355, false);
            }
        }
        foreach (var session in world.Truth.Sessions)
        {
            if (session.Database != machine.Name)
                continue;
            // Through a balancer a session shows that balancer's own address.
            var from = world.Truth.Machine(session.Balancer.Length > 0 ? session.Balancer : session.Client).Address;
            Row(session.Id, "jtel", string.Create(CultureInfo.InvariantCulture, $"{from}:{40000 + (session.Id % 20000)}"), "jtel", "Sleep", (long)(world.Now - session.Since).TotalSeconds, false);
        }
        Row(db.NextSession++, "root", "localhost", "NULL", "Query", 0, true);

        void Row(long number, string user, string host, string schema, string command, long time, bool own) =>
            text.Append(CultureInfo.InvariantCulture, $"{number}\t{user}\t{host}\t{schema}\t{command}\t{time}\t{(own ? 1 : 0)}\n");
    }

    private static IEnumerable<(string User, string Host, string Command)> Threads(DatabaseTruth db)
    {
        if (db.EventScheduler)
            yield return ("event_scheduler", "localhost", "Daemon");
        if (db.Channel is { IoState: not ReplicationThread.Stopped })
            yield return ("system user", "", "Slave_IO");
        if (db.Channel is { Sql: true, SqlErrno: 0 })
            yield return ("system user", "", "Slave_SQL");
    }

    private void Replicas(StringBuilder text, DatabaseTruth db, ChannelTruth channel)
    {
        var source = world.Truth.Machine(channel.Source);
        var pending = DatabaseModel.Unapplied(channel);
        var running = channel.IoState == ReplicationThread.Running;
        var sql = channel is { Sql: true, SqlErrno: 0 };
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Slave_SQL_State"] = sql ? "Slave has read all relay log; waiting for more updates" : "",
            ["Slave_IO_State"] = channel.IoState switch
            {
                ReplicationThread.Running => "Waiting for master to send event",
                ReplicationThread.Connecting => channel.IoErrno == DatabaseModel.AccessDenied ? "Connecting to master" : "Reconnecting after a failed master event read",
                _ => "",
            },
            ["Master_Host"] = source.Address,
            ["Master_User"] = "repl",
            ["Master_Port"] = "3306",
            ["Connect_Retry"] = "2",
            ["Master_Log_File"] = channel.ReadFile,
            ["Read_Master_Log_Pos"] = Text(channel.ReadPosition),
            ["Relay_Log_File"] = "relay.000002",
            ["Relay_Log_Pos"] = Text(channel.ReadPosition + 296),
            ["Relay_Master_Log_File"] = channel.ReadFile,
            ["Slave_IO_Running"] = channel.IoState switch { ReplicationThread.Running => "Yes", ReplicationThread.Connecting => "Connecting", _ => "No" },
            ["Slave_SQL_Running"] = sql ? "Yes" : "No",
            ["Last_Errno"] = Text(channel.SqlErrno),
            ["Last_Error"] = SqlError(channel),
            ["Skip_Counter"] = "0",
            ["Exec_Master_Log_Pos"] = Text(Math.Max(4, channel.ReadPosition - (pending * Timings.TransactionBytes))),
            ["Relay_Log_Space"] = "920",
            ["Until_Condition"] = "None",
            ["Until_Log_Pos"] = "0",
            ["Master_SSL_Allowed"] = "No",
            ["Seconds_Behind_Master"] = running && sql ? Text(pending * Timings.ApplyLagging.Ticks / TimeSpan.TicksPerSecond) : "NULL",
            ["Master_SSL_Verify_Server_Cert"] = "No",
            ["Last_IO_Errno"] = Text(channel.IoErrno),
            ["Last_IO_Error"] = IoError(channel, source),
            ["Last_SQL_Errno"] = Text(channel.SqlErrno),
            ["Last_SQL_Error"] = SqlError(channel),
            ["Master_Server_Id"] = Text(source.Database?.ServerId ?? 0),
            ["Using_Gtid"] = channel.UsesGtid ? "Slave_Pos" : "No",
            ["Gtid_IO_Pos"] = channel.UsesGtid ? GtidRead(db, channel, pending) : "",
            ["Parallel_Mode"] = "optimistic",
            ["SQL_Delay"] = "0",
            ["SQL_Remaining_Delay"] = "NULL",
            ["Slave_SQL_Running_State"] = sql ? "Slave has read all relay log; waiting for more updates" : "",
            ["Slave_DDL_Groups"] = "0",
            ["Slave_Non_Transactional_Groups"] = "0",
            ["Slave_Transactional_Groups"] = "0",
            ["Retried_transactions"] = "0",
            ["Max_relay_log_size"] = "1073741824",
            ["Executed_log_entries"] = "7",
            ["Slave_received_heartbeats"] = "71",
            ["Slave_heartbeat_period"] = "5.000",
            ["Gtid_Slave_Pos"] = Gtid(db),
        };
        text.AppendJoin('\t', ReplicaColumns).Append('\n');
        text.AppendJoin('\t', ReplicaColumns.Select(c => values.GetValueOrDefault(c, ""))).Append('\n');
    }

    private static string IoError(ChannelTruth channel, MachineTruth source) => channel.IoErrno switch
    {
        0 => "",
        DatabaseModel.AccessDenied =>
            $"error connecting to master 'repl@{source.Address}:3306' - retry-time: 2  maximum-retries: 100000  message: Access denied for user 'repl'@'{source.Address}' (using password: YES)",
        DatabaseModel.LogsGone => "Got fatal error 1236 from master when reading data from binary log: 'Could not find first log file name in binary log index file'",
        _ => $"error reconnecting to master 'repl@{source.Address}:3306' - retry-time: 2  maximum-retries: 100000  message: Can't connect to server on '{source.Address}' (111 \"Connection refused\")",
    };

    private static string SqlError(ChannelTruth channel) => channel.SqlErrno == 0 ? ""
        : "Could not execute Write_rows_v1 event on table jtel.t; Duplicate entry '1' for key 'PRIMARY', Error_code: 1062";

    private static string GtidRead(DatabaseTruth db, ChannelTruth channel, long pending)
    {
        if (pending == 0)
            return Gtid(db);
        var origin = Array.FindLastIndex(channel.Read, n => n > 0) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"0-{origin}-{db.Total + pending}");
    }

    public (int Code, string Text, string Error) Replication(MachineTruth machine, string word)
    {
        if (machine.Database is not { Running: true })
            return (1, "", NoServer(machine));
        if (word is not ("START" or "STOP"))
            return (3, "", "neither START nor STOP\n");
        world.Databases.SetReplication(machine, word == "START");
        return (0, "", "");
    }

    public (int Code, string Text, string Error) End(MachineTruth machine, string session)
    {
        if (machine.Database is not { Running: true })
            return (1, "", NoServer(machine));
        if (!long.TryParse(session, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return (3, "", "not the number of a session\n");
        if (!world.Truth.Sessions.Exists(s => s.Database == machine.Name && s.Id == id))
            return (1, "", $"ERROR 1094 (HY000) at line 1: Unknown thread id: {session}\n");
        world.Services.DropSessions(s => s.Database == machine.Name && s.Id == id);
        return (0, "", "");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
