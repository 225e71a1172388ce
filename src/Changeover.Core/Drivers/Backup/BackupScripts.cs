namespace Changeover.Drivers.Backup;

/// <summary>
/// The shell scripts of a backup. A backup is a transient unit <c>changeover-backup-ID</c>, so that a lost link does not end
/// it and it is found again, and up to three files: <c>ID.sql.gz.part</c> while it is made, <c>ID.sql.gz</c> when it is proved
/// complete, <c>ID.failed</c> with the reason when it is not.
/// </summary>
public static class BackupScripts
{
    /// <summary>Exit code with which a script itself refuses, after a sentence on standard error.</summary>
    public const int Refused = 3;

    /// <summary>Exit codes of <see cref="List"/>: the folder cannot be read; systemd does not answer.</summary>
    public const int NoFolder = 3, NoUnits = 4;

    /// <summary>
    /// Arguments: folder. Prints one line a backup: id, file state (complete, part, failed, none), unit state, bytes, reason;
    /// a line <c>end N</c> closes the list. Units are listed too: a backup that just begins has no file yet.
    /// </summary>
    public const string List =
        """
        cd "$1" && [ -r . ] || exit 3
        units=$(systemctl show --property=Id --property=ActiveState 'changeover-backup-*.service') || exit 4
        units=$(printf '%s\n\n' "$units" | awk -F= '
          $1 == "Id" { id = $2; sub(/^changeover-backup-/, "", id); sub(/\.service$/, "", id) }
          $1 == "ActiveState" { state = $2 }
          $0 == "" && id != "" { print id, state; id = "" }')
        n=0
        for id in $({
          for f in *.sql.gz *.sql.gz.part *.failed; do
            [ -f "$f" ] || continue
            f=${f%.part}; f=${f%.sql.gz}; printf '%s\n' "${f%.failed}"
          done
          printf '%s\n' "$units" | cut -d ' ' -f 1
        } | sort -u); do
          active=$(printf '%s\n' "$units" | awk -v id="$id" '$1 == id { print $2 }')
          file=none; bytes=0; why=
          if [ -f "$id.sql.gz" ]; then file=complete; bytes=$(wc -c <"$id.sql.gz")
          elif [ -f "$id.failed" ]; then file=failed; why=$(head -n 1 "$id.failed" | tr '\t' ' ')
          elif [ -f "$id.sql.gz.part" ]; then file=part; bytes=$(wc -c <"$id.sql.gz.part")
          fi
          n=$((n + 1))
          printf '%s\t%s\t%s\t%d\t%s\n' "$id" "$file" "${active:-gone}" "$bytes" "$why"
        done
        printf 'end %d\n' "$n"

        """;

    /// <summary>
    /// Arguments: option file or empty, folder, id, the script <see cref="Dump"/>. Does nothing where this backup is running
    /// or complete; refuses where there is no room for it. A dump of a database is smaller than its data once compressed, so
    /// the data's size is room enough.
    /// </summary>
    public const string Start =
        """
        options=$1 folder=$2 id=$3 dump=$4
        refuse() { printf '%s\n' "$1" >&2; exit 3; }
        case $id in ''|.*|-*|*[!A-Za-z0-9._-]*) refuse "not the name of a backup" ;; esac
        [ -d "$folder" ] || refuse "the folder $folder does not exist"
        [ -e "$folder/$id.sql.gz" ] && exit 0
        unit=changeover-backup-$id.service
        case $(systemctl show --property=ActiveState --value "$unit") in active|activating|deactivating|reloading) exit 0 ;; esac
        client=$(command -v mariadb || command -v mysql) || refuse 'neither mariadb nor mysql is installed'
        command -v mariadb-dump >/dev/null || command -v mysqldump >/dev/null || refuse 'neither mariadb-dump nor mysqldump is installed'
        size="SELECT CAST(COALESCE(SUM(DATA_LENGTH), 0) AS UNSIGNED) FROM information_schema.TABLES"
        if [ -n "$options" ]; then data=$("$client" --defaults-extra-file="$options" --batch --skip-column-names --connect-timeout=5 --execute="$size")
        else data=$("$client" --batch --skip-column-names --connect-timeout=5 --execute="$size"); fi || refuse 'the size of the data could not be read'
        case $data in ''|*[!0-9]*) refuse 'the size of the data could not be read' ;; esac
        free=$(df -Pk "$folder" | awk 'NR == 2 { print $4 }')
        case $free in ''|*[!0-9]*) refuse "the room in $folder could not be read" ;; esac
        need=$((data / 1024 + 1024))
        [ "$free" -gt "$need" ] || refuse "$folder has $free KiB free, the data is $need KiB"
        systemctl reset-failed "$unit" 2>/dev/null
        rm -f -- "$folder/$id.sql.gz.part" "$folder/$id.failed"
        systemd-run --quiet --unit="$unit" --description="Changeover backup $id" --property=Type=oneshot --property=Nice=10 --no-block \
          /bin/sh -c "$dump" dump "$options" "$folder" "$id"

        """;

    /// <summary>
    /// Arguments: option file or empty, folder, id. The work of the unit. systemd replaces <c>${NAME}</c> and a doubled dollar in
    /// a unit's command line, so neither may stand here. A POSIX shell has no pipefail: the dump's own exit code comes back on
    /// descriptor 3, and a failed compressor adds a word to it.
    /// </summary>
    public const string Dump =
        """
        umask 077
        options=$1 folder=$2 id=$3
        export LC_ALL=C
        cd "$folder" || exit 1
        part=$id.sql.gz.part
        fail() { rm -f -- "$part" "$id.err"; printf '%s\n' "$1" | tr '\n\t' '  ' | cut -c 1-400 >"$id.failed"; exit 1; }
        client=$(command -v mariadb || command -v mysql) || fail 'neither mariadb nor mysql is installed'
        dump=$(command -v mariadb-dump || command -v mysqldump) || fail 'neither mariadb-dump nor mysqldump is installed'
        if [ -n "$options" ]; then set -- --defaults-extra-file="$options"; else set --; fi
        logging=$("$client" "$@" --batch --skip-column-names --connect-timeout=5 --execute='SELECT @@global.log_bin' 2>"$id.err") || fail "$(cat "$id.err")"
        set -- "$@" --single-transaction --quick --routines --events --triggers --hex-blob --comments --dump-date --max-allowed-packet=1G
        if [ "$logging" = 1 ]; then
          if "$dump" --no-defaults --help | grep -q -e '--source-data'; then set -- "$@" --source-data=2; else set -- "$@" --master-data=2; fi
        fi
        code=$({ { "$dump" "$@" --all-databases 2>"$id.err" 3>&-; echo "$?" >&3; } | gzip -c 3>&- >"$part" 2>/dev/null || echo compressing >&3; } 3>&1)
        [ "$code" = 0 ] || fail "the dump failed ($code): $(tail -n 1 "$id.err")"
        gzip -t "$part" 2>/dev/null || fail 'the dump cannot be read back to its end'
        last=$(gzip -dc "$part" | tail -n 1)
        case $last in '-- Dump completed'|'-- Dump completed on '*) ;; *) fail 'the dump ended without its last line' ;; esac
        sync "$part" || fail 'the dump could not be written to disk'
        mv -- "$part" "$id.sql.gz" || fail 'the dump could not be given its name'
        rm -f -- "$id.err"

        """;

    /// <summary>Arguments: folder, id. Deletes this backup's files and no others; refuses while it is being made.</summary>
    public const string Remove =
        """
        folder=$1 id=$2
        refuse() { printf '%s\n' "$1" >&2; exit 3; }
        case $id in ''|.*|-*|*[!A-Za-z0-9._-]*) refuse "not the name of a backup" ;; esac
        cd "$folder" || refuse "the folder $folder does not exist"
        unit=changeover-backup-$id.service
        case $(systemctl show --property=ActiveState --value "$unit") in active|activating|deactivating|reloading) refuse 'this backup is being made just now' ;; esac
        systemctl reset-failed "$unit" 2>/dev/null
        rm -f -- "$id.sql.gz" "$id.sql.gz.part" "$id.failed" "$id.err"

        """;
}
