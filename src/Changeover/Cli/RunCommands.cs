using System.CommandLine;
using Changeover.Journal;
using Changeover.Planning;
using Changeover.Reporting;
using Changeover.Running;
using Spectre.Console;

namespace Changeover.Cli;

/// <summary><c>run</c> and <c>resume</c>: they change the cluster.</summary>
public static class RunCommands
{
    public static Argument<string> GoalArgument() =>
        new Argument<string>("goal") { Description = "failover (empty a host) or failback (bring everything back to it)." }.AcceptOnlyFromAmong("failover", "failback");

    public static Argument<string> HostArgument() => new("host") { Description = "The host to empty, or to bring back." };

    public static Command Run(CommonOptions common)
    {
        var goal = GoalArgument();
        var host = HostArgument();
        var yes = new Option<bool>("--yes") { Description = "Approves the plan unattended, skips hold points, and nothing else." };
        var approve = new Option<string>("--approve") { Description = "Runs only if the plan has this digest.", DefaultValueFactory = _ => "" };
        var planFile = new Option<string>("--plan") { Description = "Runs exactly the plan saved in this file, or refuses with the difference.", DefaultValueFactory = _ => "" };
        var holds = new Option<string[]>("--hold") { Description = "Wait for your word before this gate; can be given several times.", DefaultValueFactory = _ => [] };
        var planning = new PlanningOptions();
        var stay = new Option<bool>("--stay") { Description = "Without a terminal: stay at a halt for decisions from another one." };
        var command = new Command("run", "Carry it out, step by step, gated, visible, journaled.") { goal, host, yes, approve, planFile, holds, stay };
        planning.AddTo(command);
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            await using var site = Site.Open(common.Read(parse));
            var wanted = Deriving.Goal(site.Inventory, parse.GetValue(goal)!, parse.GetValue(host)!);
            var options = planning.Read(parse, site);
            var held = Starting.Holds(wanted, parse.GetValue(holds)!);
            using var journal = EventJournal.Open(site.Journal, Environment.MachineName, TimeProvider.System);
            var runs = Starting.RefuseUnfinished(RunStore.All(journal));
            var json = common.Json(parse);
            var derived = await Deriving.Derive(site, wanted, runs, options, LookCommands.Progress(json), ct);
            if (derived.Plan is not { } plan)
                return LookCommands.Refuse(derived.Health, json);
            LookCommands.Advise(derived.Health);
            var expected = parse.GetValue(planFile) is { Length: > 0 } file ? Saved(file).Digest : parse.GetValue(approve)!;
            Approve(plan, Schedule.Of(site.Inventory, plan, runs, site.Clock.Now.Utc), expected, parse.GetValue(yes), json);
            return await Carry(site, journal, plan, parse.GetValue(yes) ? [] : held, new(json, parse.GetValue(stay)));
        });
        return command;
    }

    public static Command Close(CommonOptions common)
    {
        var maintenance = new Argument<string>("maintenance") { Description = "Which maintenance (default: the one that was brought back last).", DefaultValueFactory = _ => "" };
        var yes = new Option<bool>("--yes") { Description = "Accepts the result unattended. A difference to the picture as found still waits for a person." };
        var command = new Command("close", "Accept the result of a maintenance: differences signed, its backups and downtimes removed.") { maintenance, yes };
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            await using var site = Site.Open(common.Read(parse));
            using var journal = EventJournal.Open(site.Journal, Environment.MachineName, TimeProvider.System);
            var runs = Starting.RefuseUnfinished(RunStore.All(journal));
            var json = common.Json(parse);
            var derived = await Deriving.Close(site, parse.GetValue(maintenance)!, runs, LookCommands.Progress(json), ct);
            if (derived.Plan is not { } plan)
                return LookCommands.Refuse(derived.Health, json);
            Approve(plan, Schedule.Of(site.Inventory, plan, runs, site.Clock.Now.Utc), "", parse.GetValue(yes), json);
            return await Carry(site, journal, plan, [], new(json));
        });
        return command;
    }

    public static Command Resume(CommonOptions common)
    {
        var run = new Argument<string>("run") { Description = "Which run (default: the one that is not over).", DefaultValueFactory = _ => "" };
        var stay = new Option<bool>("--stay") { Description = "Without a terminal: stay at a halt for decisions from another one." };
        var command = new Command("resume", "Go on with a run after a crash, a halt or Ctrl-C: looks first, then acts.") { run, stay };
        common.AddTo(command);
        command.SetAction(async (parse, ct) =>
        {
            await using var site = Site.Open(common.Read(parse));
            using var journal = EventJournal.Open(site.Journal, Environment.MachineName, TimeProvider.System);
            var state = Deciding.Find(RunStore.All(journal), parse.GetValue(run)!, unfinished: true);
            var (now, begun) = Starting.Resume(site, journal, state, Environment.UserName);
            return await new Execution(site, journal, new(common.Json(parse), parse.GetValue(stay))).Run(now, begun);
        });
        return command;
    }

    /// <summary>Nothing is changed without approval of exactly this plan.</summary>
    /// <param name="expected">A digest approved before; empty: somebody approves it now. A close is approved by --yes alone.</param>
    private static void Approve(Plan plan, Schedule schedule, string expected, bool yes, bool json)
    {
        if (expected.Length > 0)
        {
            Starting.RefuseAnother(plan, expected);
            return;
        }
        if (yes)
            return;
        if (json || Console.IsInputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
            throw new CommandEnds(ExitCodes.Usage, $"nobody is here to approve the plan: give --yes{(plan.Goal.Kind == GoalKind.Close ? "" : $", or --approve {plan.Digest} after reading it (changeover plan {plan.Goal})")}. Nothing was changed.");
        Console.Out.WriteLine(ScheduleText.Plan(plan, schedule));
        if (!AnsiConsole.Prompt(new ConfirmationPrompt("Carry out exactly this plan?") { DefaultValue = false }))
            throw new CommandEnds(ExitCodes.Refused, "not approved; nothing was changed");
    }

    /// <summary>From an open journal to a running plan, on this terminal.</summary>
    public static Task<int> Carry(Site site, EventJournal journal, Plan plan, ImmutableArray<string> holds, ExecutionOptions options)
    {
        var (state, begun) = Starting.Begin(site, journal, plan, holds, Environment.UserName);
        return new Execution(site, journal, options).Run(state, begun);
    }

    private static Plan Saved(string file)
    {
        try
        {
            var plan = System.Text.Json.JsonSerializer.Deserialize(File.ReadAllText(file), CoreJson.Default.Plan)
                ?? throw new CommandEnds(ExitCodes.Usage, $"{file} holds no plan");
            return plan.IsPreview
                ? throw new CommandEnds(ExitCodes.Refused, $"{file} is a preview (plan --assume): nobody looked at the cluster for it, so it is not carried out. Derive it with changeover plan {plan.Goal} --out {file}.")
                : plan;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            throw new CommandEnds(ExitCodes.Usage, $"{file} is no plan saved by changeover plan --out: {e.Message}");
        }
    }
}
