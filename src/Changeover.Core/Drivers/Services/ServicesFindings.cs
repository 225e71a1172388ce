using Changeover.Findings;

namespace Changeover.Drivers.Services;

public static class ServicesFindings
{
    public static readonly FindingCode Unreadable = new("services.unreadable", Severity.Error,
        "{subject} answered the question for its services with something that could not be understood ({what}): {text}. All its services count as unknown. Run the commands of docs/drivers/services.md on it by hand.");

    public static readonly FindingCode ScriptUnclear = new("services.script-unclear", Severity.Error,
        "{subject}: the init script of {service} answered its status with code {status} and the words: {text}. That says neither running nor stopped, so its state is unknown. Ask it by hand; code 4 often means that only root may ask.");

    public static readonly FindingCode Ambiguous = new("services.ambiguous-name", Severity.Error,
        "{subject} has {count} Windows services with the display name {service}, so it is unknown which one is meant. Write the short name into the inventory.");

    public static readonly FindingCode StartedTwice = new("services.started-twice", Severity.Error,
        "{subject} runs {process} {count} times (sessions {sessions}), expected once: {service} was started twice, probably by a second logon. Close all but one on the console that belongs to it.");

    public static readonly FindingCode NoProcess = new("services.no-process", Severity.Error,
        "{subject}: {service} is a desktop program and cannot be seen: the inventory names no process for it, or the machine did not list its processes. Give the program's image name as its process.");

    internal static readonly ImmutableArray<FindingCode> All = [Unreadable, ScriptUnclear, Ambiguous, StartedTwice, NoProcess];
}
