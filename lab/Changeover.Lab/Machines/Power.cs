namespace Changeover.Lab.Machines;

/// <summary>Switches one machine on and off, and says whether it is on. What it knows is on disk, so any process may ask.</summary>
public abstract class Power(Machine machine)
{
    public Machine Machine { get; } = machine;

    protected string Folder => LabPaths.MachineDirectory(Machine);

    protected string ConsoleLog => $"{Folder}/console.log";

    private string IdentityFile => $"{Folder}/process.json";

    public static Power Of(Machine m) => m.IsStore ? new UmlMachine(m) : new Container(m);

    public ProcessIdentity? Process => ProcessIdentity.Load(IdentityFile);

    public bool IsOn => Process is { IsAlive: true };

    public async Task On()
    {
        if (IsOn) return;
        await CleanUpAfterEnd();
        (await Launch()).Save(IdentityFile);
    }

    /// <summary>The power button: asks the guest, and returns at once. Whether it obeys is the guest's affair.</summary>
    public abstract Task PressButton();

    /// <summary>Pulls the plug: no process of the machine is left afterwards.</summary>
    public async Task Cut()
    {
        if (Process is { } process)
        {
            Kill(process);
            if (!await process.HasEnded(TimeSpan.FromSeconds(20)))
                throw new LabException(1, $"machine {Machine.Name}: process {process.Pid} is still there 20 s after SIGKILL; see {ConsoleLog}");
        }

        await CleanUpAfterEnd();
    }

    /// <summary>Runs a command in the machine as root.</summary>
    public abstract Task<CommandResult> Execute(IEnumerable<string> words, string? input = null, TimeSpan? limit = null, Ct ct = default);

    public Task<CommandResult> Shell(string script, TimeSpan? limit = null, Ct ct = default) => Execute(["bash", "-c", script], limit: limit, ct: ct);

    public async Task<string> Must(string script, TimeSpan? limit = null)
    {
        var done = await Shell(script, limit);
        return done.Good ? done.Output : throw new LabException(1, $"{Machine.Name}: command failed with exit code {done.ExitCode}: {script}\n  {done.Text}");
    }

    /// <summary>Makes the machine's disk from the images; done once, before it is switched on for the first time.</summary>
    public abstract Task Prepare(Images.ImageSet images);

    protected abstract Task<ProcessIdentity> Launch();

    protected abstract void Kill(ProcessIdentity process);

    /// <summary>What a machine that ended, or was killed, may leave in the way of its next start.</summary>
    protected abstract Task CleanUpAfterEnd();
}
