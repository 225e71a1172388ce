using Changeover.Lab;
using Changeover.Lab.Breaks;
using Changeover.Lab.Lifecycle;
using Changeover.Lab.Machines;
using Changeover.Lab.Matrix;
using Changeover.Lab.Probing;
using Changeover.Lab.VmHosts;

const string usage =
    """
    lab up                          start the lab; builds what is missing first
    lab down                        end it, and remove everything of it but the cache of images
    lab reset                       down and up: a cluster as new
    lab status [--json]             what every machine is doing, and the breaks in force
    lab env                         paths of keys, certificate and token, addresses, as JSON
    lab exec MACHINE COMMAND...     run a command in a machine as root
    lab power MACHINE on|off|kill   by its VM host; off asks the guest, kill pulls the plug. Also for a VM host
    lab break [NAME [MACHINE]]      break something; without a name: the list
    lab mend [NAME]                 undo that break, or all
    lab probe --log FILE [--seconds N]   use the cluster as a browser and a caller every 100 ms, until Ctrl-C
    lab matrix --log FILE [--keep] [CASE...]     carry out failovers, failbacks, kills and breaks with Changeover; goes on where FILE ends;
                                    --keep: the controller's journals stay, to be measured
    lab chaos --log FILE --rounds N [--seed S]   whole maintenances with drawn kills and breaks, seeds S, S+1, ...; ends at the first that fails
    lab cases                       what the matrix has
    """;

try
{
    return await Dispatch(args);
}
catch (LabException e)
{
    Console.Error.WriteLine($"lab: {e.Message}");
    return e.ExitCode;
}
catch (UnauthorizedAccessException e)
{
    Console.Error.WriteLine($"lab: {Requirements.Reason() ?? e.Message}");
    return 3;
}
catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
{
    Console.Error.WriteLine($"lab: {e.Message}");
    return 1;
}

static async Task<int> Dispatch(string[] words)
{
    switch (words)
    {
        case ["up"]:
            using (LabLock.Take()) await Up.Run(new Progress());
            return 0;
        case ["down"]:
            using (LabLock.Take()) await TakeDown();
            return 0;
        case ["reset"]:
            using (LabLock.Take())
            {
                await TakeDown();
                await Up.Run(new Progress());
            }

            return 0;
        case ["status", .. var options] when options is [] or ["--json"]:
            var status = await Status.Read();
            Status.Print(status, json: options.Length > 0);
            return status.State == "up" ? 0 : 1;
        case ["env"]:
            LabEnvironment.Print();
            return 0;
        case ["exec", var name, .. var command] when command.Length > 0:
            LabState.Must();
            var done = await Power.Of(Topology.Find(name)).Execute(command, limit: TimeSpan.FromMinutes(10));
            Console.Out.Write(done.Output);
            Console.Error.Write(done.Error);
            return done.ExitCode;
        case ["power", var name, var action]:
            LabState.Must();
            await PowerCommand.Run(name, action);
            return 0;
        case ["break"]:
            foreach (var b in BreakList.All) Console.WriteLine($"{b.Name,-24} {b.Machine,-11} {b.Summary}");
            return 0;
        case ["break", var name, .. var on] when on.Length <= 1:
            LabState.Must();
            var made = await BreakList.Apply(name, on.FirstOrDefault());
            Console.WriteLine($"broken: {made.Name} on {made.Machine}");
            return 0;
        case ["mend", .. var which] when which.Length <= 1:
            LabState.Must();
            foreach (var b in await BreakList.Mend(which.FirstOrDefault())) Console.WriteLine($"mended: {b.Name} on {b.Machine}");
            return 0;
        case ["probe", .. var options] when ProbeOptions.TryRead(options, out var probe):
            LabState.Must();
            return await Probe.Run(probe);
        case ["matrix", "--log", var log, .. var cases]:
            Requirements.Check();
            return await Matrix.Run(log, [.. cases.Where(c => c != "--keep")], keep: cases.Contains("--keep"));
        case ["chaos", "--log", var log, "--rounds", var rounds, .. var more]
            when int.TryParse(rounds, out var count) && int.TryParse(more is ["--seed", var given] ? given : more is [] ? "1" : "", out var seed):
            Requirements.Check();
            return await Matrix.RunChaos(log, count, seed);
        case ["cases"]:
            foreach (var c in CaseList.All) Console.WriteLine($"{c.Name,-28} {c.Summary}");
            return 0;
        case ["host", var name, var how]:
            // The background process of a VM host; started by up and power, not by people.
            await new ProxmoxApi(Topology.FindHost(name)).Serve(booted: how == "booted");
            return 0;
        default:
            (words is ["help" or "--help" or "-h"] ? Console.Out : Console.Error).WriteLine(usage);
            return words is ["help" or "--help" or "-h"] ? 0 : 2;
    }
}

static async Task TakeDown()
{
    if (!Down.HasRests())
    {
        Console.WriteLine("the lab is down");
        return;
    }

    var progress = new Progress();
    await Down.Run(progress);
    progress.Say("the lab is down");
}
