using System.CommandLine;
using System.Reflection;
using Changeover.Journal;
using Changeover.Planning;
using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Cli;

/// <summary><c>demo</c>: the failover and the failback of the example in the simulated cluster, live.</summary>
public static class DemoCommand
{
    public static Command Demo()
    {
        var speed = new Option<double>("--speed") { Description = "Seconds there for one second here.", DefaultValueFactory = _ => 30 };
        var host = new Option<string>("--host") { Description = "The host to empty.", DefaultValueFactory = _ => "vm-host-1" };
        var json = new Option<bool>("--json") { Description = "One JSON line an event." };
        var command = new Command("demo", "Failover and failback of the example in the simulated cluster, live; touches nothing real.") { speed, host, json };
        command.SetAction(async (parse, ct) =>
        {
            var folder = Directory.CreateTempSubdirectory("changeover-demo-").FullName;
            try
            {
                var inventory = Path.Combine(folder, "cluster.yaml");
                await File.WriteAllTextAsync(inventory, Example(), ct);
                var options = new SiteOptions
                {
                    Inventory = inventory,
                    Journal = Path.Combine(folder, "demo.journal"),
                    Simulated = true,
                    Speed = Math.Clamp(parse.GetValue(speed), 1, 1000),
                };
                foreach (var kind in new[] { GoalKind.Failover, GoalKind.Failback })
                {
                    var code = await Run(options, new Goal(kind, parse.GetValue(host)!), parse.GetValue(json), ct);
                    if (code != ExitCodes.Done)
                        return code;
                }
                return ExitCodes.Done;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static async Task<int> Run(SiteOptions options, Goal goal, bool json, Ct ct)
    {
        await using var site = Site.Open(options);
        if (site.Inventory.FindHost(goal.Host) is null)
            throw new CommandEnds(ExitCodes.Usage, $"no host {goal.Host} in the example; it has {string.Join(", ", site.Inventory.Hosts.Select(h => h.Name))}");
        using var journal = EventJournal.Open(site.Journal, Environment.MachineName, TimeProvider.System);
        var derived = await Deriving.Derive(site, goal, RunStore.All(journal), PlanOptions.Default, LookCommands.Progress(json), ct);
        if (derived.Plan is not { } plan)
            return LookCommands.Refuse(derived.Health, json);
        return await RunCommands.Carry(site, journal, plan, [], new(json));
    }

    private static string Example()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("example.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
