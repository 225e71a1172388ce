using System.Globalization;
using System.Text;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>What HAProxy 2.6.12 says on its runtime socket. Every answer ends with an empty line, as the real ones do.</summary>
internal sealed class BalancerText(World world)
{
    private const string StatHeader =
        "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status,-,ssl_sess,ssl_reused_sess,ssl_failed_handshake,h2_headers_rcvd,h2_data_rcvd,h2_settings_rcvd,h2_rst_stream_rcvd,h2_goaway_rcvd,h2_detected_conn_protocol_errors,h2_detected_strm_protocol_errors,h2_rst_stream_resp,h2_goaway_resp,h2_open_connections,h2_backend_open_streams,h2_total_connections,h2_backend_total_streams,h1_open_connections,h1_open_streams,h1_total_connections,h1_total_streams,h1_bytes_in,h1_bytes_out,h1_spliced_bytes_in,h1_spliced_bytes_out,";

    private const string Denied = "Permission denied\n\n";

    private static readonly ImmutableArray<string> StatColumns = [.. StatHeader[2..].TrimEnd(',').Split(',')];

    private readonly Dictionary<(string Machine, string What), (int Version, string Text)> kept = [];

    /// <summary>The answer to one line; several commands are parted by semicolons, and the answers just follow each other.</summary>
    public string Say(MachineTruth machine, string line)
    {
        var trimmed = line.TrimEnd('\n');
        var refuses = trimmed.StartsWith("set server", StringComparison.Ordinal) ? world.RefusesServers(machine.Name) : null;
        if (!trimmed.Contains(';', StringComparison.Ordinal))
            return refuses is null ? One(machine, trimmed) : Denied;
        var answer = new StringBuilder();
        foreach (var command in trimmed.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            answer.Append(refuses is null ? One(machine, command) : Denied);
            if (refuses is { FirstOnly: true })
                refuses = null;
        }
        return answer.ToString();
    }

    private string One(MachineTruth machine, string command)
    {
        var balancer = machine.Balancer!;
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            ["show", "info"] => Info(balancer),
            ["show", "stat"] => Kept(machine, "stat", () => Stat(machine, balancer)),
            ["show", "servers", "state"] => Kept(machine, "state", () => State(balancer)),
            ["show", "cli", "level"] when balancer.Level.Length > 0 => balancer.Level + "\n\n",
            ["set", "server", var name, "state", var state] => Set(machine, name, state, null),
            ["set", "server", var name, "weight", var weight] => Set(machine, name, null, weight),
            ["shutdown", "sessions", "server", var name] => Shutdown(machine, name),
            _ => $"Unknown command: '{words.FirstOrDefault()}', but maybe one of the following ones is a better match:\n  help\n  quit\n\n",
        };
    }

    private string Kept(MachineTruth machine, string what, Func<string> render)
    {
        var version = machine.Balancer!.Version;
        if (kept.TryGetValue((machine.Name, what), out var old) && old.Version == version)
            return old.Text;
        var text = render();
        kept[(machine.Name, what)] = (version, text);
        return text;
    }

    private string Set(MachineTruth machine, string name, string? state, string? weight)
    {
        if (machine.Balancer!.Level is "operator" or "user")
            return Denied;
        if (Find(machine, name, out var why) is not { } server)
            return why;
        ServerAdmin? admin = state switch { null => null, "ready" => ServerAdmin.Ready, "drain" => ServerAdmin.Drain, "maint" => ServerAdmin.Maint, _ => ServerAdmin.Unknown };
        if (admin == ServerAdmin.Unknown)
            return "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n\n";
        int? number = null;
        if (weight is not null)
        {
            if (!int.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out var w) || w > 256)
                return "Absolute weight can only be between 0 and 256 inclusive.\n\n";
            number = w;
        }
        world.Balancers.Set(machine, server, admin, number);
        return "\n";
    }

    private string Shutdown(MachineTruth machine, string name)
    {
        if (Find(machine, name, out var why) is not { } server)
            return why;
        world.Services.DropSessions(s => s.Balancer == machine.Name && s.Database == server.Machine);
        return "\n";
    }

    private static ServerTruth? Find(MachineTruth machine, string name, out string why)
    {
        why = "";
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            why = "Require 'backend/server'.\n\n";
            return null;
        }
        var server = machine.Balancer!.Server(name[..slash], name[(slash + 1)..]);
        if (server is null)
            why = machine.Balancer.Servers.Exists(s => s.Backend == name[..slash]) ? "No such server.\n\n" : "No such backend.\n\n";
        return server;
    }

    private string Info(BalancerTruth balancer)
    {
        var uptime = (long)(world.Now - balancer.StartedAt).TotalSeconds;
        var up = TimeSpan.FromSeconds(uptime);
        return string.Create(CultureInfo.InvariantCulture, $"""
            Name: HAProxy
            Version: 2.6.12-1+deb12u3
            Release_date: 2025/10/03
            Nbthread: 2
            Nbproc: 1
            Process_num: 1
            Pid: 612
            Uptime: {(int)up.TotalDays}d {up.Hours}h{up.Minutes:00}m{up.Seconds:00}s
            Uptime_sec: {uptime}
            CurrConns: 1
            Idle_pct: 100
            node: {balancer.Role}
            Stopping: 0
            Start_time_sec: {(world.Start + balancer.StartedAt).ToUnixTimeSeconds()}
            Tainted: 0


            """);
    }

    private string Stat(MachineTruth machine, BalancerTruth balancer)
    {
        var text = new StringBuilder(StatHeader).Append('\n');
        var iid = 2;
        foreach (var backend in Backends(balancer))
        {
            iid++;
            Row(text, ("pxname", backend), ("svname", "FRONTEND"), ("scur", "0"), ("slim", "2000"), ("status", "OPEN"), ("pid", "1"), ("iid", Text(iid)), ("sid", "0"), ("type", "0"));
            var sid = 0;
            var active = 0;
            var backup = 0;
            var sum = 0;
            foreach (var server in balancer.Servers)
            {
                if (server.Backend != backend)
                    continue;
                var sessions = Sessions(machine.Name, server);
                sum += sessions;
                if (server.IsReady)
                {
                    active += server.Backup ? 0 : 1;
                    backup += server.Backup ? 1 : 0;
                }
                Row(
                    text,
                    ("pxname", backend), ("svname", server.Name), ("qcur", "0"), ("scur", Text(sessions)), ("stot", Text(sessions)),
                    ("status", Status(server)), ("weight", Text(server.Weight)), ("act", server.Backup ? "0" : "1"), ("bck", server.Backup ? "1" : "0"),
                    ("lastchg", Text((int)(world.Now - server.ChangedAt).TotalSeconds)), ("pid", "1"), ("iid", Text(iid)), ("sid", Text(++sid)), ("type", "2"),
                    ("check_status", server.Admin == ServerAdmin.Maint ? "" : server.Up ? "L7OK" : "L4CON"),
                    ("addr", $"{Address(server)}:{Text(server.Port)}"), ("mode", backend == world.WriterBackend ? "tcp" : "http"),
                    ("uweight", Text(server.Weight)));
            }
            Row(
                text,
                ("pxname", backend), ("svname", "BACKEND"), ("qcur", "0"), ("scur", Text(sum)), ("status", active + backup > 0 ? "UP" : "DOWN"), ("weight", Text(active)),
                ("act", Text(active)), ("bck", Text(backup)), ("pid", "1"), ("iid", Text(iid)), ("sid", "0"), ("type", "1"));
        }
        return text.Append('\n').ToString();
    }

    private static void Row(StringBuilder text, params ReadOnlySpan<(string Column, string Value)> cells)
    {
        // The cells come in the order of the columns, so one pass is enough.
        var next = 0;
        foreach (var column in StatColumns)
        {
            if (next < cells.Length && cells[next].Column == column)
                text.Append(cells[next++].Value);
            text.Append(',');
        }
        if (next != cells.Length)
            throw new InvalidOperationException($"column {cells[next].Column} is out of order");
        text.Append('\n');
    }

    private static string Status(ServerTruth server) => server.Admin switch
    {
        ServerAdmin.Maint => "MAINT",
        ServerAdmin.Drain => "DRAIN",
        _ => server.Up ? "UP" : "DOWN",
    };

    private int Sessions(string balancer, ServerTruth server)
    {
        if (server.Backend != world.WriterBackend)
            return 0;
        var n = 0;
        foreach (var session in world.Truth.Sessions)
        {
            if (session.Balancer == balancer && session.Database == server.Machine)
                n++;
        }
        return n;
    }

    private string State(BalancerTruth balancer)
    {
        var text = new StringBuilder(
            "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n");
        var id = 2;
        foreach (var backend in Backends(balancer))
        {
            id++;
            var sid = 0;
            foreach (var s in balancer.Servers)
            {
                if (s.Backend != backend)
                    continue;
                var running = s.Up && s.Admin != ServerAdmin.Maint;
                var admin = s.Admin switch { ServerAdmin.Maint => 1, ServerAdmin.Drain => 8, _ => 0 };
                text.Append(CultureInfo.InvariantCulture,
                    $"{id} {backend} {++sid} {s.Name} {Address(s)} {(running ? 2 : 0)} {admin} {s.Weight} 1 {(long)(world.Now - s.ChangedAt).TotalSeconds} 15 3 {(running ? 3 : 0)} {(s.Admin == ServerAdmin.Maint ? 14 : 6)} 0 0 0 - {s.Port} - 0 0 - - 0\n");
            }
        }
        return text.Append('\n').ToString();
    }

    private static IEnumerable<string> Backends(BalancerTruth balancer)
    {
        var last = "";
        foreach (var server in balancer.Servers)
        {
            if (server.Backend == last)
                continue;
            last = server.Backend;
            yield return last;
        }
    }

    private string Address(ServerTruth server) => world.Truth.Machine(server.Machine).Address;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
