using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Changeover.Lab.VmHosts;

/// <summary>The lab asks its VM hosts the same way a controller does.</summary>
public sealed class ProxmoxClient : IDisposable
{
    private readonly VmHost _host;
    private readonly HttpClient _http;

    public ProxmoxClient(VmHost host)
    {
        _host = host;
        var ca = X509Certificate2.CreateFromPem(File.ReadAllText(LabPaths.CaCertificate));
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, ct) =>
                new NetworkStream(await Network.Connect(context.DnsEndPoint.Host, context.DnsEndPoint.Port, TimeSpan.FromSeconds(60), ct), ownsSocket: true),
        };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { ca },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri(host.Url), Timeout = TimeSpan.FromMinutes(3) };
        _http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"PVEAPIToken={File.ReadAllText(LabPaths.Token).Trim()}");
    }

    /// <summary>Does it and waits for the task's own end; HTTP 200 alone is no success.</summary>
    public async Task Do(Machine m, string action, TimeSpan limit, params (string Name, string Value)[] parameters)
    {
        var body = new FormUrlEncodedContent(parameters.Select(p => KeyValuePair.Create(p.Name, p.Value)));
        using var response = await _http.PostAsync($"/api2/json/nodes/{_host.Name}/qemu/{m.VmId}/status/{action}", body);
        var upid = (await Data(response)).GetString()!;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            using var answer = await _http.GetAsync($"/api2/json/nodes/{_host.Name}/tasks/{Uri.EscapeDataString(upid)}/status");
            var task = await Data(answer);
            if (task.GetProperty("status").GetString() == "stopped")
            {
                var end = task.GetProperty("exitstatus").GetString();
                if (end != "OK") throw new LabException(1, $"{_host.Name}: {action} of {m.Name} ended with: {end}");
                return;
            }

            if (clock.Elapsed > limit) throw new LabException(1, $"{_host.Name}: {action} of {m.Name} has not ended after {limit.TotalSeconds:0} s");
            await Task.Delay(100);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> Data(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode) throw new LabException(1, $"{_host.Name} answered {(int)response.StatusCode} to {response.RequestMessage?.RequestUri}: {text.Trim()}");
        return JsonDocument.Parse(text).RootElement.GetProperty("data");
    }
}
