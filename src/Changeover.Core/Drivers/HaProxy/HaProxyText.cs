using System.Globalization;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.HaProxy;

/// <summary>What HAProxy's runtime socket prints, read by column name, because the columns grow with every version.</summary>
internal static class HaProxyText
{
    // Bits of srv_admin_state. 4 (disabled in the configuration) and 64 (name changed) are memories and say nothing about now:
    // a server disabled in the configuration and then set to ready has 4 (seen on 2.6). Source: HAProxy's management guide.
    private const int MaintBits = 0x01 | 0x02 | 0x20, DrainBits = 0x08 | 0x10;

    public static Reading Read(Subject subject, Reply.Answered reply, BalancerSettings settings)
    {
        Finding Damaged(string what, string text) => ExchangeFindings.Unreadable.On(subject.Name, "what", what, "text", text);

        foreach (var key in (string[])[HaProxyDriver.Info, HaProxyDriver.Stat, HaProxyDriver.State])
        {
            if (Closed(subject.Name, reply.Find(key), settings) is { } closed)
                return Reading.Unreadable(closed);
        }
        var info = Pairs(reply.Find(HaProxyDriver.Info)!.Output);
        if (info?.GetValueOrDefault("Version") is not { Length: > 0 } version || Number(info.GetValueOrDefault("Uptime_sec")) is not { } uptime)
            return Reading.Unreadable(Damaged("show info", "no Version or Uptime_sec, or it is cut off"));
        if (Number(info.GetValueOrDefault("Nbproc") ?? "1") is not 1)
            return Reading.Unreadable(HaProxyFindings.SeveralProcesses.On(subject.Name, "count", info["Nbproc"]));
        if (info.GetValueOrDefault("Stopping") is { } stopping && stopping != "0")
            return Reading.Unreadable(HaProxyFindings.Leaving.On(subject.Name));

        if (States(reply.Find(HaProxyDriver.State)!.Output) is not { } states)
            return Reading.Unreadable(Damaged("show servers state", "no table of format 1, or it is cut off"));
        if (Servers(reply.Find(HaProxyDriver.Stat)!.Output, states) is not var (servers, backends))
            return Reading.Unreadable(Damaged("show stat", "no table with the columns needed, or it is cut off"));

        if (Missing(states.Keys, servers, backends) is { } missing)
            return Reading.Unreadable(Damaged("show stat", $"server {missing.Backend}/{missing.Server} of \"show servers state\" is not in it"));

        if (reply.Find(HaProxyDriver.Checksum) is not { Code: 0 } sum || Checksum(sum.Output) is not { } checksum)
        {
            return Reading.Unreadable(HaProxyFindings.NoConfiguration.On(
                subject.Name, "file", settings.Configuration, "why", Line(reply.Find(HaProxyDriver.Checksum)?.Error ?? "")));
        }
        bool? valid = reply.Find(HaProxyDriver.Check) switch { { Code: 0 } => true, { Code: 1 } => false, _ => null };
        bool? mayChange = reply.Find(HaProxyDriver.Level)?.Output.Trim() switch
        {
            "admin" => true,
            "operator" or "user" => false,
            _ => null,
        };
        bool? newer = Number(reply.Find(HaProxyDriver.Age)?.Output.Trim()) is { } age ? age < uptime : null;
        return Reading.Of(new BalancerFacts(version, TimeSpan.FromSeconds(uptime), checksum, valid, [.. servers], mayChange, newer));
    }

    /// <summary>HAProxy's own rule for names of proxies and servers.</summary>
    public static bool InName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':';

    /// <summary>One line of somebody's words, without line breaks; what is said of each of several servers is said once.</summary>
    public static string Line(string text) =>
        string.Join(' ', text.Split((char[])['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct());

    /// <summary>How many commands of a line were refused: each has words of its own, and an empty line behind them.</summary>
    public static int Refusals(string answer) =>
        answer.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length;

    /// <summary>Why a socket said nothing to be read, or null. HAProxy refuses with exit code 0, and a closed socket is socat's error.</summary>
    private static Finding? Closed(string machine, Result? result, BalancerSettings settings) => result switch
    {
        null => ExchangeFindings.Unreadable.On(machine, "what", "answer", "text", "a command is missing in it"),
        { Code: Result.TimedOut } => HaProxyFindings.Hangs.On(machine, "socket", settings.Socket),
        { Code: not 0 } => HaProxyFindings.NoSocket.On(machine, "socket", settings.Socket, "why", Line(result.Error)),
        var r when r.Output.StartsWith("Permission denied", StringComparison.Ordinal) =>
            HaProxyFindings.Denied.On(machine, "socket", settings.Socket),
        var r when r.Output.AsSpan().Trim().IsEmpty => HaProxyFindings.Silent.On(machine, "socket", settings.Socket),
        _ => null,
    };

    /// <summary>Lines <c>name: value</c> closed by an empty line; null if the end is missing.</summary>
    private static Dictionary<string, string>? Pairs(string text)
    {
        if (!text.EndsWith("\n\n", StringComparison.Ordinal))
            return null;
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon > 0)
                pairs[line[..colon]] = line[(colon + 2)..].Trim();
        }
        return pairs;
    }

    private sealed record State(int Admin, int? Weight);

    /// <summary>Administrative bits by backend and server; null if the text is no complete table of the format known.</summary>
    private static Dictionary<(string Backend, string Server), State>? States(string text)
    {
        if (!text.EndsWith("\n\n", StringComparison.Ordinal))
            return null;
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 2 || lines[0] != "1" || !lines[1].StartsWith("# ", StringComparison.Ordinal))
            return null;
        var header = lines[1][2..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (backend, server) = (Array.IndexOf(header, "be_name"), Array.IndexOf(header, "srv_name"));
        var (admin, weight) = (Array.IndexOf(header, "srv_admin_state"), Array.IndexOf(header, "srv_uweight"));
        if (backend < 0 || server < 0 || admin < 0)
            return null;
        var states = new Dictionary<(string, string), State>();
        // One more than there should be, so that a row that is too long shows.
        var fields = new Range[header.Length + 1];
        foreach (var line in lines.AsSpan(2))
        {
            var row = line.AsSpan();
            if (row.Split(fields, ' ') != header.Length || Number(row[fields[admin]]) is not { } bits)
                return null;
            states[(line[fields[backend]], line[fields[server]])] = new((int)bits, weight < 0 ? null : (int?)Number(row[fields[weight]]));
        }
        return states;
    }

    /// <summary>
    /// A server whose row is lost would make the backup the writer in our eyes. The other answer names every server; of a disabled
    /// backend it does, and the statistics show no row at all (seen on 2.6).
    /// </summary>
    private static (string Backend, string Server)? Missing(
        IEnumerable<(string Backend, string Server)> states, List<BalancerServer> servers, HashSet<string> backends)
    {
        var seen = servers.Select(s => (s.Backend, s.Name)).ToHashSet();
        foreach (var server in states)
        {
            if (backends.Contains(server.Backend) && !seen.Contains(server))
                return server;
        }
        return null;
    }

    /// <summary>The servers, and every proxy that has a row.</summary>
    private static (List<BalancerServer> Servers, HashSet<string> Backends)? Servers(string text, Dictionary<(string, string), State> states)
    {
        if (!text.EndsWith("\n\n", StringComparison.Ordinal) || !text.StartsWith("# ", StringComparison.Ordinal))
            return null;
        var table = new CsvReader(text, 2);
        if (!table.Next())
            return null;
        var columns = table.Count;
        var (backend, name, type, status) = (table.Find("pxname"), table.Find("svname"), table.Find("type"), table.Find("status"));
        var (sessions, weight, backup, address) = (table.Find("scur"), table.Find("weight"), table.Find("bck"), table.Find("addr"));
        if (backend < 0 || name < 0 || type < 0 || status < 0 || sessions < 0 || weight < 0 || backup < 0)
            return null;
        var servers = new List<BalancerServer>();
        var backends = new HashSet<string>(StringComparer.Ordinal);
        while (table.Next())
        {
            if (table.Count != columns || Number(table[type]) is not { } kind)
                return null;
            var proxy = table[backend];
            backends.Add(proxy);
            const int Server = 2;
            if (kind != Server)
                continue;
            var (server, word) = (table[name], table[status]);
            var state = states.GetValueOrDefault((proxy, server));
            if (Number(table[sessions]) is not { } current
                || (state?.Weight ?? (int?)Number(table[weight])) is not { } weighs
                || Number(table[backup]) is not { } reserve
                || !proxy.All(InName) || !server.All(InName))
                return null;
            servers.Add(new(proxy, server, address < 0 ? "" : table[address], Admin(state, word), Up(word), word, weighs, reserve > 0, (int)current));
        }
        if (table.IsCutOff)
            return null;
        return (servers, backends);
    }

    /// <summary>
    /// The bits say what was set; the status must not contradict them (the two answers are a moment apart). Without bits DOWN
    /// says nothing: a drained server that is down shows as DOWN (seen on 2.6).
    /// </summary>
    private static ServerAdmin Admin(State? state, string status)
    {
        var word = Word(status);
        if (word is not ("UP" or "DOWN" or "NOLB" or "DRAIN" or "MAINT" or "no check"))
            return ServerAdmin.Unknown;
        if (state is null)
        {
            return word switch
            {
                "MAINT" => ServerAdmin.Maint,
                "DRAIN" => ServerAdmin.Drain,
                "UP" or "no check" => ServerAdmin.Ready,
                _ => ServerAdmin.Unknown,
            };
        }
        var said = (state.Admin & MaintBits) != 0 ? ServerAdmin.Maint : (state.Admin & DrainBits) != 0 ? ServerAdmin.Drain : ServerAdmin.Ready;
        var contradicts = (word == "MAINT") != (said == ServerAdmin.Maint)
            || (word == "DRAIN" && said != ServerAdmin.Drain)
            || (word is "UP" or "no check" && said != ServerAdmin.Ready);
        return contradicts ? ServerAdmin.Unknown : said;
    }

    /// <summary>
    /// A server without checks counts as up, because HAProxy sends it traffic; so does <c>UP 1/2</c>, a server that goes down
    /// or has just been set to ready.
    /// </summary>
    private static bool Up(string status) => Word(status) is "UP" or "DRAIN" or "no check";

    /// <summary>The status without its progress or reason: <c>UP 1/2</c>, <c>MAINT (via b/s)</c>, <c>DRAIN (agent)</c>.</summary>
    private static string Word(string status)
    {
        if (status == "no check")
            return status;
        var blank = status.IndexOf(' ', StringComparison.Ordinal);
        var (word, rest) = blank < 0 ? (status, "") : (status[..blank], status[(blank + 1)..]);
        var known = rest.Length == 0
            || (rest[0] == '(' && rest[^1] == ')')
            || (rest.Split('/') is [var n, var m] && Number(n) is not null && Number(m) is not null);
        return known ? word : "";
    }

    private static string? Checksum(string text) =>
        text.TrimStart('\\') is { Length: > 64 } t && t[..64].All(char.IsAsciiHexDigitLower) && t[64] == ' ' ? t[..64] : null;

    private static long? Number(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue ? number : null;
}
