using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Changeover.Lab;

/// <summary>Keys, certificates and tokens of one lab: made when it starts, gone when it ends.</summary>
public static class Credentials
{
    public const string TokenId = "changeover@pve!lab";

    public static async Task Create()
    {
        await NewKey(LabPaths.Key, "changeover-lab");
        var secret = Guid.NewGuid().ToString();
        WriteSecret(LabPaths.Token, $"{TokenId}={secret}\n");
        CreateCertificates();

        var known = new List<string>();
        foreach (var m in Topology.Machines)
        {
            var key = HostKey(m);
            Directory.CreateDirectory(Path.GetDirectoryName(key)!);
            // The stores share one key, as their floating address is reached by sftp too and must not seem to be forged after a move.
            if (m.IsStore && m.Number > 1)
            {
                var first = HostKey(Topology.Machines.First(f => f.IsStore));
                File.Copy(first, key);
                File.Copy(first + ".pub", key + ".pub");
            }
            else
            {
                await NewKey(key, m.Name);
            }

            var names = m.IsStore ? $"{m.Name},{m.Address},acd-store,{Topology.StoreAddress}" : $"{m.Name},{m.Address}";
            known.Add($"{names} {string.Join(' ', File.ReadAllText(key + ".pub").Split(' ').Take(2))}\n");
        }

        File.WriteAllText(LabPaths.KnownHosts, string.Concat(known));
    }

    /// <summary>What the program under test needs to speak with Icinga: its authority's certificate and the API user's password.</summary>
    public static async Task OfMonitoring()
    {
        var monitoring = Topology.Machines.First(m => m.Kind == MachineKind.Monitoring);
        var certificate = await Command.Must([.. Ssh(monitoring), "cat", "/var/lib/icinga2/certs/ca.crt"]);
        File.WriteAllText(LabPaths.IcingaCaCertificate, certificate);
        WriteSecret(LabPaths.IcingaPassword, "lab\n");
    }

    /// <summary>The machine's own host key; stays the same however often it is switched off and on.</summary>
    public static string HostKey(Machine m) => $"{LabPaths.MachineDirectory(m)}/ssh_host_ed25519_key";

    /// <summary>The words of ssh that reach a machine as root, from outside the lab's network.</summary>
    public static ImmutableArray<string> Ssh(Machine m) =>
    [
        "nsenter", $"--net={Network.NamespaceFile}", "ssh", "-i", LabPaths.Key, "-o", "BatchMode=yes", "-o", $"UserKnownHostsFile={LabPaths.KnownHosts}",
        "-o", "StrictHostKeyChecking=yes", "-o", "GlobalKnownHostsFile=/dev/null", "-o", "ConnectTimeout=20", "-o", "LogLevel=ERROR",
        "-o", "ControlMaster=auto", "-o", $"ControlPath={LabPaths.State}/ssh-%h", "-o", "ControlPersist=30", $"root@{m.Address}",
    ];

    public static X509Certificate2 ServerCertificate(VmHost h) =>
        X509CertificateLoader.LoadPkcs12FromFile($"{LabPaths.HostDirectory(h)}/server.p12", null);

    private static async Task NewKey(string path, string comment) =>
        await Command.Must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path);

    private static void CreateCertificates()
    {
        var now = DateTimeOffset.UtcNow;
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=changeover-lab CA", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        caRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        caRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(caRequest.PublicKey, false));
        using var ca = caRequest.CreateSelfSigned(now.AddDays(-1), now.AddYears(2));
        File.WriteAllText(LabPaths.CaCertificate, ca.ExportCertificatePem() + "\n");

        foreach (var host in Topology.Hosts)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={host.Name}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host.Name);
            names.AddIpAddress(System.Net.IPAddress.Parse(host.Address));
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
            using var signed = request.Create(ca, now.AddDays(-1), now.AddYears(1), RandomNumberGenerator.GetBytes(12));
            using var whole = signed.CopyWithPrivateKey(key);
            Directory.CreateDirectory(LabPaths.HostDirectory(host));
            WriteSecret($"{LabPaths.HostDirectory(host)}/server.p12", whole.Export(X509ContentType.Pkcs12));
        }
    }

    private static void WriteSecret(string path, string text) => WriteSecret(path, System.Text.Encoding.UTF8.GetBytes(text));

    private static void WriteSecret(string path, byte[] bytes)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(bytes);
    }
}
