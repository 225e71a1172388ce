using Changeover.Lab.Machines;

namespace Changeover.Lab.VmHosts;

/// <summary>The background process of a VM host. It can end and come back: its machines stay on and it finds them again.</summary>
public sealed class VmHostServer(VmHost host)
{
    private string IdentityFile => $"{LabPaths.HostDirectory(host)}/process.json";

    private string Log => $"{LabPaths.HostDirectory(host)}/log";

    private static string Program => $"{LabPaths.State}/program";

    public ProcessIdentity? Process => ProcessIdentity.Load(IdentityFile);

    public bool IsOn => Process is { IsAlive: true };

    /// <summary>The servers run from a copy: a rebuild of the checkout must not pull the file from under them.</summary>
    public static void CopyProgram()
    {
        Directory.CreateDirectory(Program);
        foreach (var file in (string[])["changeover-lab.dll", "changeover-lab.runtimeconfig.json", "changeover-lab.deps.json"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, file), Path.Combine(Program, file), overwrite: true);
    }

    /// <param name="booted">The host itself was switched on: machines set to start with it do so.</param>
    public async Task Start(bool booted)
    {
        if (IsOn) return;
        var process = await ProcessIdentity.Start(
            ["nsenter", $"--net={Network.NamespaceFile}", "dotnet", $"{Program}/changeover-lab.dll", "host", host.Name, booted ? "booted" : "restarted"],
            Log, LabPaths.HostDirectory(host), new Dictionary<string, string> { ["DOTNET_TieredPGO"] = "0", ["DOTNET_gcServer"] = "0" });
        process.Save(IdentityFile);
        await Lifecycle.Wait.Until($"VM host {host.Name} answers", TimeSpan.FromSeconds(90), () => Network.Answers(host.Address, Topology.ApiPort),
            () => IsOn ? null : $"its process ended; see {Log}");
    }

    public async Task Stop()
    {
        if (Process is not { IsAlive: true } process) return;
        process.Signal(ProcessIdentity.Term);
        if (!await process.HasEnded(TimeSpan.FromSeconds(10))) process.Signal(ProcessIdentity.Kill);
        if (!await process.HasEnded(TimeSpan.FromSeconds(10))) throw new LabException(1, $"VM host {host.Name}: process {process.Pid} does not end");
    }
}
