using Changeover.Lab;
using Changeover.Lab.Lifecycle;
using Changeover.Lab.Machines;
using Changeover.Lab.VmHosts;

try
{
    return await Dispatch(args);
}
catch (LabException e)
{
    Console.Error.WriteLine($"lab: {e.Message}");
    return e.ExitCode;
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
        case ["exec", var name, .. var command] when command.Length > 0:
            LabState.Must();
            var done = await Power.Of(Topology.Find(name)).Execute(command, limit: TimeSpan.FromMinutes(10));
            Console.Out.Write(done.Output);
            Console.Error.Write(done.Error);
            return done.ExitCode;
        case ["host", var name, var how]:
            await new ProxmoxApi(Topology.FindHost(name)).Serve(how == "booted");
            return 0;
        default:
            Console.Error.WriteLine("lab up | down | reset | exec");
            return 2;
    }
}

static async Task TakeDown()
{
    Requirements.Check();
    if (!Down.HasRests())
    {
        Console.WriteLine("the lab is down");
        return;
    }

    var progress = new Progress();
    await Down.Run();
    progress.Say("the lab is down");
}
