using System.CommandLine;
using System.Text.Json.Nodes;
using Changeover.Inventory;
using Changeover.Journal;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Reporting;
using Changeover.Running;

namespace Changeover.Cli;

/// <summary><c>validate</c>, <c>init</c>, <c>health</c> and <c>plan</c>: they look and change nothing.</summary>
public static class LookCommands
{
    public static Command Init()
    {
        var folder = new Argument<string>("dir") { Description = "Where to write it.", DefaultValueFactory = _ => "." };
        var command = new Command("init", "Write an inventory to start from.") { folder };
        command.SetAction(parse =>
        {
            var outcome = InventoryStarter.Write(parse.GetValue(folder)!);
            (outcome.ExitCode == 0 ? Console.Out : Console.Error).WriteLine(outcome.Message);
            return outcome.ExitCode;
        });
        return command;
    }

    public static Command Validate(CommonOptions common)
    {
        var command = new Command("validate", "Check the inventory: every finding with its place.");
        common.AddTo(command);
        command.SetAction(parse =>
        {
            var reading = InventoryFile.Read(common.Read(parse).Inventory);
            if (common.Json(parse))
            {
                Console.Out.WriteLine(new JsonObject
                {
                    ["schemaVersion"] = StatusJson.SchemaVersion,
                    ["verdict"] = reading.ExitCode == 0 ? "valid" : "invalid",
                    ["digest"] = reading.Digest,
                    ["findings"] = new JsonArray(
                    [
                        .. reading.Findings.Select(f =>
                        {
                            var json = StatusJson.FindingJson(f.Finding);
                            json["file"] = f.File;
                            json["line"] = f.At.Line;
                            json["column"] = f.At.Column;
                            return (JsonNode)json;
                        }),
                    ]),
                }.ToJsonString());
                return reading.ExitCode;
            }
            foreach (var finding in reading.Findings)
                (reading.ExitCode == 0 ? Console.Out : Console.Error).WriteLine(finding);
            if (reading.Inventory is { } inventory)
                Console.Out.WriteLine($"{inventory.Cluster}: {inventory.Hosts.Length} hosts, {inventory.Machines.Length} machines, {inventory.Pairs.Length} pairs; nothing wrong with the file");
            return reading.ExitCode;
        });
        return command;
    }

    public static Command Health(CommonOptions common)
    {
        var expect = new Option<string>("--expect") { Description = "normal, or emptied:HOST (default: from the open maintenance).", DefaultValueFactory = _ => "" };
        var command = new Command("health", "System Health Check: is every function where it is expected?") { expect };
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            await using var site = Site.Open(common.Read(parse));
            var runs = Runs(site);
            var snapshot = await site.Look(Progress(common.Json(parse)), ct);
            var health = Deriving.Health(site, snapshot, runs, parse.GetValue(expect)!);
            Console.Out.WriteLine(common.Json(parse) ? HealthText.Json(health).ToJsonString() : HealthText.Text(health));
            return health.Verdict == Verdict.Holds ? ExitCodes.Done : ExitCodes.Refused;
        });
        return command;
    }

    public static Command Plan(CommonOptions common)
    {
        var goal = RunCommands.GoalArgument();
        var host = RunCommands.HostArgument();
        var format = new Option<string>("--format") { Description = "text, markdown, json or dot.", DefaultValueFactory = _ => "text" }.AcceptOnlyFromAmong("text", "markdown", "json", "dot");
        var output = new Option<string>("--out") { Description = "Save the plan; run --plan FILE runs exactly it.", DefaultValueFactory = _ => "" };
        var planning = new PlanningOptions();
        var assume = new Option<bool>("--assume") { Description = "A preview without looking: from the state that the inventory describes, everything well. run refuses it." };
        var command = new Command("plan", "Show everything that would be done, before any of it is.") { goal, host, format, output, assume };
        planning.AddTo(command);
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            await using var site = Site.Open(common.Read(parse));
            var wanted = Deriving.Goal(site.Inventory, parse.GetValue(goal)!, parse.GetValue(host)!);
            var options = planning.Read(parse, site);
            Plan plan;
            var runs = Runs(site);
            if (parse.GetValue(assume))
            {
                plan = Deriving.Assume(site, wanted, options);
            }
            else
            {
                var derived = await Deriving.Derive(site, wanted, runs, options, Progress(common.Json(parse)), ct);
                if (derived.Plan is null)
                    return Refuse(derived.Health, common.Json(parse));
                Advise(derived.Health);
                plan = derived.Plan;
            }
            var schedule = Schedule.Of(site.Inventory, plan, runs, site.Clock.Now.Utc);
            var text = (common.Json(parse) ? "json" : parse.GetValue(format)) switch
            {
                "markdown" => PlanText.Markdown(plan),
                "json" => PlanJson.Of(site.Inventory, plan, schedule).ToJsonString(),
                "dot" => PlanText.Dot(plan),
                _ => ScheduleText.Plan(plan, schedule),
            };
            Console.Out.WriteLine(text);
            if (parse.GetValue(output) is { Length: > 0 } file)
                await File.WriteAllTextAsync(file, System.Text.Json.JsonSerializer.Serialize(plan, CoreJson.Default.Plan), ct);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The runs in the journal, or none when there is no journal yet.</summary>
    public static ImmutableArray<RunState> Runs(Site site)
    {
        if (!File.Exists(site.Journal))
            return [];
        using var journal = EventJournal.OpenToRead(site.Journal, TimeProvider.System);
        return RunStore.All(journal);
    }

    /// <summary>What is worth knowing before a plan is approved (X3, X6, B3); beside the plan, so that its own output stays as it is.</summary>
    public static void Advise(HealthCheck health)
    {
        foreach (var advice in health.Advice)
            Console.Error.WriteLine($"note    {advice.Message}");
    }

    public static Action<string> Progress(bool json) => json || Console.IsErrorRedirected ? _ => { } : text => Console.Error.Write($"\r\x1b[K{text}\r");

    /// <summary>Nothing is planned in such a state; says why.</summary>
    public static int Refuse(HealthCheck health, bool json)
    {
        Console.Out.WriteLine(json ? HealthText.Json(health).ToJsonString() : HealthText.Text(health));
        return ExitCodes.Refused;
    }
}
