using System.CommandLine;
using Changeover.Cli;
using Changeover.Journal;
using Changeover.Running;

var common = new CommonOptions();
var root = new RootCommand("Carries out the controlled failover and failback of a redundant cluster: empties one VM host for maintenance and brings everything back.")
{
    LookCommands.Init(),
    LookCommands.Validate(common),
    LookCommands.Health(common),
    LookCommands.Plan(common),
    RehearseCommand.Rehearse(common),
    RunCommands.Run(common),
    RunCommands.Resume(common),
    RunCommands.Close(common),
    JournalCommands.Decide(common),
    JournalCommands.Pause(common),
    JournalCommands.Status(common),
    JournalCommands.Watch(common),
    JournalCommands.Runs(common),
    JournalCommands.Report(common),
    RunbookCommand.Runbook(common),
    ServeCommand.Serve(common),
    PeopleCommands.Account(common),
    PeopleCommands.Token(common),
    DemoCommand.Demo(),
};
try
{
    var parsed = root.Parse(args);
    // The library says 1 for wrong usage; here 1 means that a person is needed.
    if (parsed.Errors.Count > 0)
    {
        foreach (var error in parsed.Errors)
            Console.Error.WriteLine(error.Message);
        Console.Error.WriteLine("changeover --help lists the commands.");
        return ExitCodes.Usage;
    }
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (CommandEnds e)
{
    Console.Error.WriteLine(e.Message);
    return e.ExitCode;
}
catch (JournalException e)
{
    Console.Error.WriteLine(e.Message);
    return e.Trouble switch
    {
        JournalTrouble.Missing => ExitCodes.Usage,
        JournalTrouble.Locked => ExitCodes.Refused,
        _ => ExitCodes.Internal,
    };
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    // A file a person named; what the cluster does comes back as findings, never as an exception.
    Console.Error.WriteLine(e.Message);
    return ExitCodes.Usage;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("interrupted; nothing was changed");
    return ExitCodes.Halted;
}
catch (Exception e)
{
    // A fault of the program itself. The journal is whole: every event was durable before what it caused.
    Console.Error.WriteLine($"internal error: {e.GetType().Name}: {e.Message}\nThis is a fault of changeover, not of the cluster. What was begun stands in the journal: changeover status, then changeover resume.");
    if (Environment.GetEnvironmentVariable("CHANGEOVER_DEBUG") == "1")
        Console.Error.WriteLine(e);
    return ExitCodes.Internal;
}
