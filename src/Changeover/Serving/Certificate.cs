using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Changeover.Running;

namespace Changeover.Serving;

/// <summary>The server's certificate: a given one, or its own, made at the first start and kept beside the journal.</summary>
public static class Certificate
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(5 * 365);

    /// <summary>An own one that ends sooner is made anew at the next start.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromDays(30);

    public static string PathOf(string journal) => Path.ChangeExtension(Path.GetFullPath(journal), ".serve.pem");

    public static string Fingerprint(X509Certificate2 certificate) =>
        string.Join(':', SHA256.HashData(certificate.RawData).Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));

    /// <param name="file">PEM with certificate and key; empty: the own one.</param>
    public static X509Certificate2 Load(string file, string journal, TimeProvider time)
    {
        if (file.Length > 0)
            return Read(file);
        var own = PathOf(journal);
        if (File.Exists(own) && Read(own) is var kept && kept.NotAfter > time.GetUtcNow() + Renewal)
            return kept;
        Journal.OwnFile.Write(own, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(Make(time.GetUtcNow()))));
        return Read(own);
    }

    /// <summary>What else stands in the file: the authorities between the certificate and one that browsers know.</summary>
    public static X509Certificate2Collection Chain(string file, string journal)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(file.Length > 0 ? file : PathOf(journal));
        return chain;
    }

    private static X509Certificate2 Read(string file)
    {
        try
        {
            var text = File.ReadAllText(file);
            return X509Certificate2.CreateFromPem(text, text);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CommandEnds(ExitCodes.Usage, $"{file} is no certificate with its key in PEM: {e.Message} Give --certificate a file with both, the certificate first.");
        }
    }

    private static string Make(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=changeover on {Environment.MachineName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Environment.MachineName);
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], critical: false)); // Server authentication.
        // A day ago: the browser's clock may be behind.
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + Lifetime);
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
