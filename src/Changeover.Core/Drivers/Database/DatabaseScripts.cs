namespace Changeover.Drivers.Database;

/// <summary>
/// The shell scripts that run on a database machine. Each is called as <c>/bin/sh -c SCRIPT NAME OPTIONFILE …</c>, with an
/// empty first argument where the client logs in by its own defaults (the socket as root). Nothing secret is an argument.
/// </summary>
/// <remarks>
/// The dialect is chosen by the server's own version, in the same exchange, so that no older answer decides it:
/// MariaDB names its replicas SLAVES in every version; MySQL learned REPLICA in 8.0.22 and BINARY LOG STATUS in 8.2 and forgot
/// the old words in 8.4. Sources: MySQL 8.0 and 8.4 release notes, MariaDB documentation; MariaDB 10.11 seen.
/// </remarks>
public static class DatabaseScripts
{
    /// <summary>Exit code with which a script itself refuses, after a sentence on standard error.</summary>
    public const int Refused = 3;

    /// <summary>Column name of the one-row answers that mark where a part of the output begins.</summary>
    public const string Mark = "@@changeover part";

    /// <summary>
    /// Finds the client and logs in. Its own options are said again because a [mysql] group in somebody's option file may
    /// have turned them.
    /// </summary>
    private const string Login =
        """
        client=$(command -v mariadb || command -v mysql) || { echo 'neither mariadb nor mysql is installed' >&2; exit 3; }
        options=$1
        ask() {
          if [ -n "$options" ]; then
            "$client" --defaults-extra-file="$options" --batch --column-names --skip-raw --skip-vertical --connect-timeout=5 "$@"
          else
            "$client" --batch --column-names --skip-raw --skip-vertical --connect-timeout=5 "$@"
          fi
        }
        says=$(ask --skip-column-names --execute="SELECT @@global.version, @@global.log_bin, @@global.event_scheduler") || exit
        read -r version logging scheduler <<SAYS
        $says
        SAYS
        case $version in
        *MariaDB*) replicas='ALL SLAVES'; status='SHOW ALL SLAVES STATUS'; position='SHOW MASTER STATUS' ;;
        5.*|8.0.?|8.0.?-*|8.0.1?|8.0.1?-*|8.0.20*|8.0.21*) replicas='SLAVE'; status='SHOW SLAVE STATUS'; position='SHOW MASTER STATUS' ;;
        8.0.*|8.1.*) replicas='REPLICA'; status='SHOW REPLICA STATUS'; position='SHOW MASTER STATUS' ;;
        *) replicas='REPLICA'; status='SHOW REPLICA STATUS'; position='SHOW BINARY LOG STATUS' ;;
        esac

        """;

    /// <summary>
    /// Everything that is asked of a database server, in one connection. The statement text of sessions (INFO) is not
    /// selected: it is customers' data. A server started with its event scheduler DISABLED refuses to list events (1577, seen
    /// on MariaDB 10.11), and runs none. The replica status comes last, because it is what hangs when a disk is full.
    /// </summary>
    public const string Look = Login +
        """
        if [ "$logging" = 1 ]; then logs="$position; SELECT 'logs' AS '@@changeover part'; SHOW BINARY LOGS"; else logs="SELECT 'logs' AS '@@changeover part'"; fi
        if [ "$scheduler" = DISABLED ]; then events='SELECT 1 FROM DUAL WHERE FALSE'; else events="SELECT EVENT_SCHEMA, EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE STATUS NOT IN ('ENABLED', 'DISABLED')"; fi
        ask <<SQL
        SELECT 'variables' AS '@@changeover part';
        SHOW GLOBAL VARIABLES WHERE Variable_name IN (
          'version', 'version_comment', 'hostname', 'port', 'server_id', 'read_only', 'super_read_only', 'event_scheduler',
          'log_bin', 'log_slave_updates', 'log_replica_updates',
          'gtid_mode', 'gtid_executed', 'gtid_binlog_pos', 'gtid_binlog_state', 'gtid_current_pos', 'gtid_slave_pos',
          'expire_logs_days', 'binlog_expire_logs_seconds', 'binlog_expire_logs_auto_purge');
        SELECT 'rights' AS '@@changeover part';
        SELECT COUNT(*) AS PROCESS FROM information_schema.USER_PRIVILEGES
          WHERE PRIVILEGE_TYPE = 'PROCESS' AND GRANTEE = CONCAT('''',
            LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1),
            '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''');
        SELECT 'sessions' AS '@@changeover part';
        SELECT ID, USER, HOST, DB, COMMAND, TIME, ID = CONNECTION_ID() AS OWN FROM information_schema.PROCESSLIST;
        SELECT 'events' AS '@@changeover part';
        $events;
        SELECT 'position' AS '@@changeover part';
        $logs;
        SELECT 'replicas' AS '@@changeover part';
        $status;
        SELECT 'end' AS '@@changeover part';
        SQL

        """;

    /// <summary>Starts (second argument START) or stops (STOP) the threads of every replication channel.</summary>
    public const string Replication = Login +
        """
        case $2 in START|STOP) ask --execute="$2 $replicas" ;; *) echo 'neither START nor STOP' >&2; exit 3 ;; esac

        """;

    /// <summary>Ends the session whose number is the second argument.</summary>
    public const string End = Login +
        """
        case $2 in ''|*[!0-9]*) echo 'not the number of a session' >&2; exit 3 ;; esac
        ask --execute="KILL CONNECTION $2"

        """;
}
