using System.Globalization;
using System.Text.RegularExpressions;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using static Changeover.Drivers.Database.BatchOutput;

namespace Changeover.Drivers.Database;

/// <summary>What the client prints in batch mode, read by column name in the vocabularies of all versions.</summary>
internal static partial class DatabaseText
{
    public static Reading Read(Subject subject, Reply.Answered reply, Machine machine, DatabaseSettings settings)
    {
        if (reply.Find(DatabaseDriver.Look) is not { } result)
            return Reading.Unreadable(ExchangeFindings.Unreadable.On(subject.Name, "what", "answer", "text", "the command is missing in it"));
        if (result.Code != 0)
            return Reading.Unreadable(Problem(subject.Name, result));
        try
        {
            var parts = Parts(result.Output);
            if (!parts.ContainsKey("end") || parts.Count != 8)
                throw new FormatException("a part is missing");
            var variables = parts["variables"].Rows.ToDictionary(r => Text(r["Variable_name"]), r => r["Value"] ?? "", StringComparer.OrdinalIgnoreCase);
            return OtherServer(subject.Name, variables, machine, settings) is { } other
                ? Reading.Unreadable(other)
                : Reading.Of(Facts(parts, variables));
        }
        // Every reader below throws it for a missing or impossible value, with words that show nothing of the data.
        catch (Exception e) when (e is FormatException or KeyNotFoundException or ArgumentException or OverflowException)
        {
            var what = e is FormatException ? e.Message : "a value is missing, twice there or out of range";
            return Reading.Unreadable(ExchangeFindings.Unreadable.On(subject.Name, "what", "answer of the database client", "text", what));
        }
    }

    /// <summary>
    /// What the answer to START, STOP or KILL means. A session that is gone is an ended session (error 1094); a connection lost
    /// on the way (2006, 2013) says nothing.
    /// </summary>
    public static Reception Heard(ClusterAction action, Reply.Answered reply)
    {
        var result = reply.Find(action is EndSession ? DatabaseDriver.End : DatabaseDriver.Replication);
        const int UnknownSession = 1094, GoneAway = 2006, Lost = 2013;
        return (result?.Code, result is null ? null : Errno(result.Error)) switch
        {
            (null, _) => new(ReceptionKind.Unclear),
            (0, _) => Reception.Accepted,
            (Result.TimedOut, _) => new(ReceptionKind.Unclear, "the server did not answer in time"),
            (DatabaseScripts.Refused, _) => new(ReceptionKind.Refused, Shown(result!.Error)),
            (_, UnknownSession) when action is EndSession => Reception.Accepted,
            (_, GoneAway or Lost or null) => new(ReceptionKind.Unclear, Shown(result!.Error)),
            _ => new(ReceptionKind.Refused, Shown(result!.Error)),
        };
    }

    private static Finding Problem(string machine, Result result)
    {
        var why = Shown(result.Error);
        return (result.Code, Errno(result.Error)) switch
        {
            (Result.TimedOut, _) => DatabaseFindings.Hangs.On(machine, "part", LastPart(result.Output) is { Length: > 0 } part ? part : "the login"),
            (DatabaseScripts.Refused, _) => DatabaseFindings.NoClient.On(machine, "why", why),
            // Can't connect, gone away, lost, too many connections, shutting down.
            (_, 2002 or 2003 or 2005 or 2006 or 2012 or 2013 or 1040 or 1053 or 1203 or 1226) => DatabaseFindings.NotAnswering.On(machine, "why", why),
            // Access denied (password or plugin), host not allowed, unknown plugin, expired or locked account.
            (_, 1045 or 1698 or 1130 or 1129 or 1251 or 2059 or 2061 or 1820 or 1862 or 3118 or 4151) => DatabaseFindings.LoginRefused.On(machine, "why", why),
            (_, 1044 or 1142 or 1143 or 1227 or 1370) => DatabaseFindings.RightsMissing.On(machine, "why", why),
            _ => ExchangeFindings.Failed.On(
                machine, "what", "the database client", "exit", result.Code.ToString(CultureInfo.InvariantCulture), "text", why),
        };
    }

    /// <summary>
    /// An option file can lead anywhere, also to a floating address or to a second server on the machine: the server must say
    /// the machine's name and the inventory's port (X9). A server without network has port 0.
    /// </summary>
    private static Finding? OtherServer(string machine, Dictionary<string, string> variables, Machine expected, DatabaseSettings settings)
    {
        static string Short(string name) => name.Split('.')[0];
        var (host, port) = (variables["hostname"], Number(variables["port"]));
        if (!string.Equals(Short(host), Short(expected.HostName), StringComparison.OrdinalIgnoreCase))
            return DatabaseFindings.OtherServer.On(machine, "what", "its host name", "seen", host, "expected", expected.HostName);
        return port != 0 && port != settings.Port
            ? DatabaseFindings.OtherServer.On(machine, "what", "its port", "seen", Invariant(port), "expected", Invariant(settings.Port))
            : null;
    }

    private static DatabaseFacts Facts(Dictionary<string, Table> parts, Dictionary<string, string> variables)
    {
        var version = variables["version"];
        var maria = version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase)
            || variables.GetValueOrDefault("version_comment", "").Contains("MariaDB", StringComparison.OrdinalIgnoreCase);
        var logging = Switch(variables, "log_bin");
        var (logFile, logPosition) = Position(parts["position"], logging);
        var sessions = parts["sessions"].Rows;
        if (sessions.Count(r => r["OWN"] == "1") != 1)
            throw new FormatException("the process list does not hold our own connection");
        return new DatabaseFacts(
            maria ? "mariadb" : "mysql",
            version,
            Number(variables["server_id"]),
            // MariaDB 12 knows NO_LOCK and NO_LOCK_NO_ADMIN beside ON: all of them forbid ordinary writes.
            ReadOnly: variables["read_only"] is "NO_LOCK" or "NO_LOCK_NO_ADMIN" || Switch(variables, "read_only"),
            EventScheduler: Switch(variables, "event_scheduler"),
            logFile,
            logPosition,
            Gtid: maria ? MariaPosition(variables) : MysqlPosition(variables),
            SeesAllSessions: parts["rights"].Rows is [var rights] && Number(rights["PROCESS"]) > 0,
            Retention(variables),
            LogBytes: parts["logs"].Rows.Sum(r => Number(r["File_size"])),
            [.. parts["replicas"].Rows.Select(Channel)],
            [.. sessions.Where(IsClient).Select(Session)],
            [.. parts["events"].Rows.Select(r => $"{r["EVENT_SCHEMA"]}.{r["EVENT_NAME"]}").Order(StringComparer.Ordinal)],
            GtidApplied: maria ? Gtids(variables, "gtid_slave_pos") : "",
            GtidLogged: maria ? Gtids(variables, "gtid_binlog_state") : "",
            LogsReplicated: logging && (variables.GetValueOrDefault("log_replica_updates") ?? variables.GetValueOrDefault("log_slave_updates")) is "ON" or "1",
            OldestLog: parts["logs"].Rows is [var oldest, ..] ? Text(oldest["Log_name"]) : "");
    }

    private static (string File, long Position) Position(Table table, bool logging) => (table.Rows, logging) switch
    {
        ([], false) => ("", 0),
        ([var row], true) => (Text(row["File"]), Number(row["Position"])),
        _ => throw new FormatException("the log position does not fit log_bin"),
    };

    /// <summary>Where it stands in each domain: what its threads and its own clients did, and the end of its log.</summary>
    private static string MariaPosition(Dictionary<string, string> variables) => string.Join(
        ',',
        MariaGtid.Parse(Gtids(variables, "gtid_current_pos"))!.Value.Concat(MariaGtid.Parse(Gtids(variables, "gtid_binlog_pos"))!.Value).Distinct());

    private static string Gtids(Dictionary<string, string> variables, string name)
    {
        // Every MariaDB that is asked has all of them, if empty; without one the log positions alone would be compared.
        var text = variables[name];
        return MariaGtid.Parse(text) is null ? throw new FormatException($"{name} is no GTID position") : text;
    }

    /// <summary>Only in mode ON has every transaction a GTID; in any other mode the set says nothing of what the server has.</summary>
    private static string MysqlPosition(Dictionary<string, string> variables) =>
        variables.GetValueOrDefault("gtid_mode") != "ON" ? ""
        : GtidSet.Parse(variables["gtid_executed"])?.ToString() ?? throw new FormatException("gtid_executed is no GTID set");

    /// <summary>
    /// Both variables exist together (MariaDB 10.6, MySQL 8.0); at most one is not 0. Both 0, or purging switched off: for ever.
    /// </summary>
    private static TimeSpan? Retention(Dictionary<string, string> variables)
    {
        double Of(string name) =>
            double.TryParse(variables.GetValueOrDefault(name, "0"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new FormatException($"{name} is no number");
        if (variables.GetValueOrDefault("binlog_expire_logs_auto_purge") is "OFF" or "0")
            return null;
        var kept = Of("binlog_expire_logs_seconds") is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromDays(Of("expire_logs_days"));
        return kept > TimeSpan.Zero ? kept : null;
    }

    private static ReplicationChannel Channel(Row row) => new(
        Name: row.Has("Connection_name") ? Text(row["Connection_name"]) : row.Has("Channel_Name") ? Text(row["Channel_Name"]) : "",
        SourceHost: Text(row["Source_Host", "Master_Host"]),
        SourcePort: Small(row["Source_Port", "Master_Port"]),
        Io: row["Replica_IO_Running", "Slave_IO_Running"] switch
        {
            "Yes" => ReplicationThread.Running,
            "Connecting" or "Preparing" => ReplicationThread.Connecting,
            "No" => ReplicationThread.Stopped,
            _ => ReplicationThread.Unknown,
        },
        SqlRunning: row["Replica_SQL_Running", "Slave_SQL_Running"] == "Yes",
        IoState: Text(row["Replica_IO_State", "Slave_IO_State"]),
        IoErrno: Small(row["Last_IO_Errno"]),
        IoError: WithoutData(Text(row["Last_IO_Error"])),
        SqlErrno: Small(row["Last_SQL_Errno"]),
        SqlError: WithoutData(Text(row["Last_SQL_Error"])),
        ReadFile: Text(row["Source_Log_File", "Master_Log_File"]),
        ReadPosition: Number(row["Read_Source_Log_Pos", "Read_Master_Log_Pos"]),
        ExecFile: Text(row["Relay_Source_Log_File", "Relay_Master_Log_File"]),
        ExecPosition: Number(row["Exec_Source_Log_Pos", "Exec_Master_Log_Pos"]),
        GtidIo: row.Has("Gtid_IO_Pos") ? Text(row["Gtid_IO_Pos"])
            : row.Has("Retrieved_Gtid_Set") ? Text(row["Retrieved_Gtid_Set"]).Replace("\n", "", StringComparison.Ordinal) : "",
        UsesGtid: row.Has("Using_Gtid") ? row["Using_Gtid"] is "Slave_Pos" or "Current_Pos" : row.Has("Auto_Position") && row["Auto_Position"] == "1",
        Lag: row["Seconds_Behind_Source", "Seconds_Behind_Master"] is { } lag ? TimeSpan.FromSeconds(Number(lag)) : null,
        Delay: row.Has("SQL_Delay") ? TimeSpan.FromSeconds(Number(row["SQL_Delay"])) : TimeSpan.Zero,
        SourceServerId: row.Has("Source_Server_Id") || row.Has("Master_Server_Id") ? Number(row["Source_Server_Id", "Master_Server_Id"]) : 0);

    /// <summary>
    /// Replication is told by what a connection does and not by whom (any user may be the replication's); the server's own
    /// threads by their reserved users. A client that has not logged in yet (<c>unauthenticated user</c>) is a client.
    /// </summary>
    private static bool IsClient(Row row) =>
        row["OWN"] != "1"
        && row["USER"] != "system user"
        && (row["USER"], row["COMMAND"]) is not ("event_scheduler", "Daemon")
        && row["COMMAND"] is not ("Binlog Dump" or "Binlog Dump GTID");

    private static DatabaseSession Session(Row row) => new(
        Number(row["ID"]),
        row["USER"] ?? "",
        WithoutPort(row["HOST"] ?? ""),
        row["DB"] ?? "",
        row["COMMAND"] ?? "",
        row["TIME"] is { } time ? Math.Max(0, SignedNumber(time)) : 0);

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon > 0 && host.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? host[..colon] : host;
    }

    private static bool Switch(Dictionary<string, string> variables, string name) => variables[name] switch
    {
        "ON" or "1" => true,
        "OFF" or "0" or "DISABLED" => false,
        _ => throw new FormatException($"{name} is neither on nor off"),
    };

    private static string Text(string? value) => value ?? "";

    private static long Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException("a number is missing");

    /// <summary>A port or an error number. One that only fits after being cut off would be another: 4294967296 is not "no error".</summary>
    private static int Small(string? text) => checked((int)Number(text));

    private static long SignedNumber(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException("a number is missing");

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// The server's words without statements and values: a replica's error quotes both, and they are customers' data.
    /// </summary>
    private static string WithoutData(string error)
    {
        var query = error.IndexOf("Query: '", StringComparison.OrdinalIgnoreCase);
        var kept = query < 0 ? error : error[..query] + "Query: (not shown)";
        // From the first value to the last that is quoted: a value may hold quotes itself.
        var end = kept.LastIndexOf("' for", StringComparison.Ordinal);
        var first = end < 0 ? null : Value().Match(kept, 0, end + 1);
        var shown = first is { Success: true } && first.Index + first.Length <= end
            ? string.Concat(kept.AsSpan(0, first.Index + first.Length), "…", kept.AsSpan(end))
            : kept;
        return shown.ReplaceLineEndings(" ");
    }

    [GeneratedRegex("(?:entry|value:?) '", RegexOptions.CultureInvariant)]
    private static partial Regex Value();

    /// <summary>
    /// The client's own words, short; they name users and files, never passwords or data. Some clients print the statement
    /// before the error (seen on MariaDB 10.11): only the error is shown.
    /// </summary>
    private static string Shown(string error)
    {
        var lines = error.Split((char[])['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var line = string.Join(' ', lines.SkipWhile(l => !l.StartsWith("ERROR ", StringComparison.Ordinal)).DefaultIfEmpty(string.Join(' ', lines)));
        return line.Length > 300 ? line[..300] + "…" : line;
    }

    private static int? Errno(string error) =>
        ErrorNumber().Match(error) is { Success: true } match && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    [GeneratedRegex(@"\bERROR (\d{4}) ", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorNumber();
}
