using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Changeover.Lab;

/// <summary>The lab's own network: one namespace with a bridge, one namespace a container. Nothing of it touches the machine's network.</summary>
public static partial class Network
{
    private const int NetworkNamespace = 0x40000000;

    public static string NamespaceFile => $"/run/netns/{Topology.Namespace}";

    public static async Task Create()
    {
        await Command.Must("ip", "netns", "add", Topology.Namespace);
        await Batch(Topology.Namespace,
        [
            $"link add {Topology.Bridge} type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
            $"addr add {Topology.AddressOf(1)}/24 dev {Topology.Bridge}",
            .. Topology.Hosts.Select(h => $"addr add {h.Address}/24 dev {Topology.Bridge}"),
            $"link set {Topology.Bridge} up",
            "link set lo up",
        ]);
        foreach (var m in Topology.Machines)
        {
            if (m.IsStore)
            {
                await Batch(Topology.Namespace, [$"tuntap add {m.Link} mode tap", $"link set {m.Link} master {Topology.Bridge} up"]);
                continue;
            }

            await Command.Must("ip", "netns", "add", m.Namespace);
            await Batch(Topology.Namespace,
            [
                $"link add {m.Link} type veth peer name host0 netns {m.Namespace}",
                $"link set {m.Link} master {Topology.Bridge} up",
            ]);
            await Batch(m.Namespace, [$"addr add {m.Address}/24 dev host0", "link set host0 up", "link set lo up"]);
        }
    }

    /// <summary>A cut cable, or a mended one: the machine stays on and nobody reaches it.</summary>
    public static Task SetCable(Machine m, bool plugged) =>
        Command.Must("ip", "-n", Topology.Namespace, "link", "set", m.Link, plugged ? "up" : "down");

    public static async Task<bool> IsCablePlugged(Machine m) =>
        (await Command.Must("ip", "-n", Topology.Namespace, "-o", "link", "show", m.Link)).Split('<', '>')[1].Split(',').Contains("UP");

    /// <summary>All namespaces of the lab that exist now.</summary>
    public static ImmutableArray<string> Namespaces() =>
        Directory.Exists("/run/netns")
            ? [.. Directory.EnumerateFiles("/run/netns").Select(Path.GetFileName).OfType<string>()
                .Where(n => n == Topology.Namespace || n.StartsWith(Topology.Namespace + "-acd-", StringComparison.Ordinal))]
            : [];

    /// <summary>
    /// A socket that lives in the lab's network while this program stays outside. A socket belongs for ever to the namespace of
    /// the thread that made it, so a thread of its own goes in, makes it, and ends.
    /// </summary>
    public static Socket NewSocket()
    {
        Socket? socket = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle(NamespaceFile);
                if (setns(file, NetworkNamespace) != 0)
                    throw new LabException(3, $"network namespace {Topology.Namespace} cannot be entered: {Marshal.GetLastPInvokeErrorMessage()}");
                socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return socket ?? throw failure!;
    }

    public static async Task<Socket> Connect(string address, int port, TimeSpan limit, Ct ct = default)
    {
        var socket = NewSocket();
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
            end.CancelAfter(limit);
            await socket.ConnectAsync(System.Net.IPAddress.Parse(address), port, end.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static async Task<bool> Answers(string address, int port)
    {
        try
        {
            using var socket = await Connect(address, port, TimeSpan.FromSeconds(3));
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task Batch(string ns, IEnumerable<string> lines)
    {
        var done = await Command.Run(["ip", "-n", ns, "-batch", "-"], input: string.Join('\n', lines) + "\n");
        if (!done.Good) throw new LabException(3, $"network namespace {ns} cannot be set up: {done.Text}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle file, int kind);
}
