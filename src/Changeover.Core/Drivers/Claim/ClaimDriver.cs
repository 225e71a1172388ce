using System.Globalization;
using Changeover.Knowledge;

namespace Changeover.Drivers.Claim;

/// <summary>
/// The claim: a folder on the machine with the files run, controller and epoch. One run in one epoch holds it; every changing
/// request tests it (<see cref="ClaimGuard"/>).
/// </summary>
/// <remarks>
/// Taking, raising, taking over and releasing exclude each other by flock(2) on a file of their own, which the kernel frees when
/// a process dies. The guard reads without that lock, so each step leaves the folder whole or away: it appears complete by one
/// rename (which a folder with content in its place refuses), disappears by one rename, and a raised epoch is one rename of
/// one file. A process killed anywhere leaves a claim of the old or the new holder, or none, never a mixture that lets two act.
/// Source: rename(2), flock(2).
/// </remarks>
public sealed class ClaimDriver : IDriver
{
    public const string LookKey = "claim";
    public const string SetKey = "set";

    /// <summary>
    /// Prints <c>free</c>, or <c>run=</c>, <c>controller=</c> and <c>epoch=</c>; the last line is <c>end</c>. Arguments:
    /// <c>claim-look FOLDER</c>.
    /// </summary>
    public const string LookScript = """
        f=$1
        if [ ! -e "$f" ] && [ ! -L "$f" ]; then echo free
        else for k in run controller epoch; do printf '%s=%s\n' $k "$(cat "$f/$k")"; done
        fi
        echo end
        """;

    /// <summary>
    /// Arguments: <c>claim-take FOLDER RUN CONTROLLER EPOCH [FROM…]</c>. Prints one word (taken, held, raised, seized, refused,
    /// busy, failed) and the holder as it is now (<c>run=</c>, <c>controller=</c>, <c>epoch=</c>). Exit 0 when this run holds it.
    /// It is seized from a run named behind, whatever its epoch, and from <c>damaged</c>: a claim that does not say whose it is.
    /// </summary>
    public const string TakeScript = Common + """
        enter
        put() {
        mkdir "$f.new" && printf '%s\n' "$run" >"$f.new/run" && printf '%s\n' "$controller" >"$f.new/controller" &&
        printf '%s\n' "$epoch" >"$f.new/epoch" && mv -T "$f.new" "$f" || finish failed 4
        }
        if [ ! -e "$f" ] && [ ! -L "$f" ]; then put; finish taken 0; fi
        read_holder
        if [ -n "$heldrun" ] && [ -n "$heldcontroller" ] && [ -n "$heldepoch" ]; then holder=$heldrun; else holder=damaged; fi
        shift 4
        for from; do
        if [ "$holder" = "$from" ]; then mv -T "$f" "$f.old" || finish failed 4; put; rm -rf "$f.old"; finish seized 0; fi
        done
        if [ "$heldrun" != "$run" ] || [ -z "$heldepoch" ] || [ "$heldepoch" -gt "$epoch" ]; then finish refused 3; fi
        if [ "$heldepoch" -eq "$epoch" ]; then
        if [ "$heldcontroller" = "$controller" ]; then finish held 0; fi
        finish refused 3
        fi
        printf '%s\n' "$controller" >"$f/controller.new" && mv -T "$f/controller.new" "$f/controller" &&
        printf '%s\n' "$epoch" >"$f/epoch.new" && mv -T "$f/epoch.new" "$f/epoch" || finish failed 4
        finish raised 0
        """;

    /// <summary>
    /// Arguments: <c>claim-release FOLDER RUN CONTROLLER EPOCH</c>. Prints released or free, or as <see cref="TakeScript"/>.
    /// </summary>
    public const string ReleaseScript = Common + """
        enter
        if [ ! -e "$f" ] && [ ! -L "$f" ]; then finish free 0; fi
        read_holder
        if [ "$heldrun" != "$run" ] || [ "$heldepoch" != "$epoch" ]; then finish refused 3; fi
        mv -T "$f" "$f.old" || finish failed 4
        rm -rf "$f.old"
        finish released 0
        """;

    private const string Common = """
        f=$1; run=$2; controller=$3; epoch=$4
        umask 022
        read_holder() {
        heldrun=$(cat "$f/run" 2>/dev/null); heldcontroller=$(cat "$f/controller" 2>/dev/null); heldepoch=$(cat "$f/epoch" 2>/dev/null)
        case $heldepoch in ''|*[!0-9]*) heldepoch=;; esac
        }
        finish() {
        read_holder
        printf '%s\nrun=%s\ncontroller=%s\nepoch=%s\nend\n' "$1" "$heldrun" "$heldcontroller" "$heldepoch"
        exit "$2"
        }
        enter() {
        exec 9>>"$f.lock" || finish failed 4
        flock -w 10 9 || finish busy 5
        rm -rf "$f.new" "$f.old"
        }

        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static readonly ImmutableArray<string> LookCommand = ["/bin/sh", "-c", LookScript, "claim-look", ShellScript.ClaimFolder];

    public static ImmutableArray<string> TakeCommand(RunIdentity run, ImmutableArray<string>? from, string folder = ShellScript.ClaimFolder) =>
        ["/bin/sh", "-c", TakeScript, "claim-take", folder, run.Id, run.Controller, Number(run.Epoch), .. from ?? []];

    public static ImmutableArray<string> ReleaseCommand(RunIdentity run, string folder = ShellScript.ClaimFolder) =>
        ["/bin/sh", "-c", ReleaseScript, "claim-release", folder, run.Id, run.Controller, Number(run.Epoch)];

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Claim];

    public Request Ask(Subject subject, DriverContext context) =>
        new Request.Shell(subject.Name, [new(LookKey, LookCommand, Limit: Limit)], context.Inventory.Budgets.Look);

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context)
    {
        if (reply.Find(LookKey) is not { } result)
            return Bad(subject, "no answer to it");
        if (result.Code != 0)
            return Bad(subject, Excerpt.Of(result));
        return result.Output == "free\nend\n" ? Reading.Of(ClaimFacts.Nobody)
            : Holder(result.Output) is { } holder ? Reading.Of(holder)
            : Bad(subject, Excerpt.Of(result));
    }

    /// <summary>Without a guard: these are the requests that make and end what the guard tests, and they compare by themselves.</summary>
    public Request? Tell(ClusterAction action, DriverContext context) => (action, context.Run) switch
    {
        (TakeClaim take, { } run) => Changing(take.Machine, TakeCommand(run, take.From), context),
        (ReleaseClaim release, { } run) => Changing(release.Machine, ReleaseCommand(run), context),
        _ => null,
    };

    /// <summary>A refusal names who holds it.</summary>
    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context)
    {
        if (reply.Find(SetKey) is not { } result || result.Code == Result.TimedOut)
            return new(ReceptionKind.Unclear, Excerpt.Of(reply.Find(SetKey)));
        var (word, rest) = result.Output.Split('\n', 2) is [var first, var others] ? (first, others) : ("", "");
        return (result.Code, word) switch
        {
            (0, "taken") when action is TakeClaim => Reception.MadeAnew,
            (0, "held" or "raised" or "seized") when action is TakeClaim => Reception.Accepted,
            (0, "released" or "free") when action is ReleaseClaim => Reception.Accepted,
            (RefusedExit, "refused") => new(ReceptionKind.Refused, Holder(rest) is { } holder
                ? ShellScript.ClaimedBy(holder.Run, holder.Controller, Number(holder.Epoch))
                : "the claim there is damaged, so who holds it is unknown"),
            (BusyExit, "busy") => new(ReceptionKind.Refused, "somebody else has been changing the claim there for 10 seconds"),
            _ => new(ReceptionKind.Unclear, Excerpt.Of(result)),
        };
    }

    private const int RefusedExit = 3;
    private const int BusyExit = 5;

    private static Reading Bad(Subject subject, string what) => Reading.Unreadable(ClaimFindings.Damaged.On(subject.Name, "what", what));

    /// <summary>The three lines and the last one; null when they are not whole.</summary>
    private static ClaimFacts? Holder(string text) =>
        text.Split('\n') is [var run, var controller, var epoch, "end", ""]
        && Value(run, "run=") is { Length: > 0 } id
        && Value(controller, "controller=") is { Length: > 0 } host
        && int.TryParse(Value(epoch, "epoch="), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(id, host, number)
            : null;

    private static string? Value(string line, string name) => line.StartsWith(name, StringComparison.Ordinal) ? line[name.Length..] : null;

    private static Request.Shell Changing(string machine, ImmutableArray<string> command, DriverContext context) =>
        new(machine, [new(SetKey, command, Root: true, Limit: Limit)], context.Inventory.Budgets.Look);

    private static string Number(int epoch) => epoch.ToString(CultureInfo.InvariantCulture);
}
