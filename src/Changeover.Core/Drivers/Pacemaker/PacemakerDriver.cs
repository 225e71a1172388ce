using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Changeover.Knowledge;

namespace Changeover.Drivers.Pacemaker;

/// <summary>
/// Pacemaker, asked with <c>crm_mon</c>, <c>cibadmin</c> and <c>crm_simulate</c>, told with <c>pcs</c>. A node answers for the
/// whole cluster as it sees it; two nodes can see different clusters, so each is asked.
/// </summary>
public sealed partial class PacemakerDriver : IDriver
{
    private static readonly TimeSpan LookBudget = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SetupBudget = TimeSpan.FromSeconds(30);

    /// <summary>Two runs of crm_attribute and three of crm_simulate; 3.4 s on the slowest machine seen.</summary>
    private static readonly TimeSpan ForecastBudget = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StandbyBudget = TimeSpan.FromSeconds(60);

    public ImmutableArray<SubjectKind> Subjects => [SubjectKind.Pacemaker, SubjectKind.PacemakerSetup, SubjectKind.Forecast, SubjectKind.JoinForecast];

    public Request Ask(Subject subject, DriverContext context) => subject.Kind switch
    {
        SubjectKind.Pacemaker => new Request.Shell(subject.Name, StateQuestions(subject, context), LookBudget),
        SubjectKind.PacemakerSetup => new Request.Shell(subject.Name, SetupQuestions(PcsVersion(subject.Name, context)), SetupBudget),
        SubjectKind.Forecast => Predict(subject.Name, PacemakerCommands.Forecast(NodeOf(subject.Name, context))),
        SubjectKind.JoinForecast => Predict(subject.Name, PacemakerCommands.JoinForecast(PeerNodeOf(subject.Name, context))),
        _ => throw new UnreachableException($"{subject} is not Pacemaker's"),
    };

    public Reading Read(Subject subject, Reply.Answered reply, DriverContext context) => subject.Kind switch
    {
        SubjectKind.Pacemaker => ReadState(subject.Name, reply),
        SubjectKind.PacemakerSetup => ReadSetup(subject.Name, reply, PcsVersion(subject.Name, context)),
        SubjectKind.Forecast => ReadForecast(subject.Name, NodeOf(subject.Name, context), reply),
        SubjectKind.JoinForecast => ReadForecast(subject.Name, PeerNodeOf(subject.Name, context), reply),
        _ => throw new UnreachableException($"{subject} is not Pacemaker's"),
    };

    public Request? Tell(ClusterAction action, DriverContext context) => action is SetStandby standby
        ? new Request.Shell(
            standby.Via,
            [
                new(
                    PacemakerCommands.StandbyKey,
                    PacemakerCommands.Standby(NodeOf(standby.Machine, context), standby.Standby, ClusterForm(standby, context)),
                    Root: true,
                    Limit: TimeSpan.FromSeconds(55)),
            ],
            StandbyBudget,
            context.Run is { } run ? new ClaimGuard(run.Id, run.Epoch) : null)
        : null;

    /// <remarks>
    /// pcs says no with "Error: …" or with its usage, and old versions do so with exit 0. An error on the way to the CIB, a
    /// command ended by its limit and an exit code without a word leave open whether the attribute was set.
    /// </remarks>
    public Reception Heard(ClusterAction action, Reply.Answered reply, DriverContext context)
    {
        if (reply.Find(PacemakerCommands.StandbyKey) is not { } told)
            return new(ReceptionKind.Unclear, "pcs gave no answer");
        var said = told.Error + "\n" + told.Output;
        var refused = Refusal().Match(said);
        var words = Excerpt.Of(refused.Success ? said[refused.Index..].Split('\n')[0] : "", told.Error, told.Output);
        if (told.Code is 126 or 127)
            return new(ReceptionKind.Refused, words);
        if (refused.Success)
            return new(InDoubt().IsMatch(said.Split("Usage: ")[0]) ? ReceptionKind.Unclear : ReceptionKind.Refused, words);
        return told.Code == 0 ? Reception.Accepted : new(ReceptionKind.Unclear, $"pcs ended with code {told.Code}: {words}");
    }

    private static Reading ReadState(string machine, Reply.Answered reply)
    {
        var node = reply.Find(PacemakerCommands.CrmNodeKey) is { Code: 0 } name && NodeName().IsMatch(name.Output.Trim()) ? name.Output.Trim() : "";
        var modern = reply.Find(PacemakerCommands.CrmMonKey);
        var legacy = reply.Find(PacemakerCommands.CrmMonLegacyKey);
        // The newer form's answer counts if it is one: an old crm_mon prints its help or a usage error instead.
        var answer = modern is not null && (legacy is null || modern.Output.Contains("<pacemaker-result", StringComparison.Ordinal)) ? modern : legacy;
        if (answer is null)
            return Unreadable(machine, "crm_mon", "no answer");
        var start = answer.Output.IndexOf('<', StringComparison.Ordinal);
        if (start < 0)
        {
            return NotConnected().IsMatch(answer.Error + answer.Output)
                ? Reading.Unreadable(PacemakerFindings.NotRunning.On(machine, "text", Excerpt.Of(answer.Error, answer.Output)))
                : Failed(machine, "crm_mon", answer);
        }
        try
        {
            var root = PacemakerXml.Parse(answer.Output[start..]);
            return root.Name.LocalName switch
            {
                "pacemaker-result" => Modern(machine, node, root, answer),
                "crm_mon" when !root.HasElements =>
                    Reading.Unreadable(PacemakerFindings.NotRunning.On(machine, "text", Excerpt.Of(answer.Error, "crm_mon shows nothing"))),
                "crm_mon" => answer.Code == 0 ? Seen(machine, node, root) : Failed(machine, "crm_mon", answer),
                _ => Unreadable(machine, "crm_mon", root.Name.LocalName),
            };
        }
        catch (Exception damaged) when (damaged is XmlException or FormatException)
        {
            return Unreadable(machine, "crm_mon", damaged.Message);
        }
    }

    private static Reading Modern(string machine, string node, XElement root, Result answer)
    {
        var status = root.Element("status") ?? throw new FormatException("no status");
        var code = status.Text("code");
        var errors = Excerpt.Of(string.Join(' ', status.Descendants("error").Select(e => e.Value)), status.Text("message"), answer.Error);
        if (code == Disconnected)
            return Reading.Unreadable(PacemakerFindings.NotRunning.On(machine, "text", errors));
        if (code != "0" || answer.Code != 0)
        {
            return Reading.Unreadable(ExchangeFindings.Failed.On(machine, "what", "crm_mon", "exit", code, "text", errors));
        }
        // While it starts or stops, crm_mon prints the state of the daemon and no summary.
        return root.Element("pacemakerd")?.Text("state") is { } state and not "running"
            ? Reading.Unreadable(PacemakerFindings.Starting.On(machine, "state", state))
            : Seen(machine, node, root);
    }

    private static Reading Seen(string machine, string node, XElement root)
    {
        var facts = CrmMon.Facts(root, node);
        return CrmMon.KnowsNothingYet(facts)
            ? Reading.Unreadable(PacemakerFindings.Starting.On(machine, "state", "no coordinator elected"))
            : Reading.Of(facts);
    }

    private static Reading ReadSetup(string machine, Reply.Answered reply, string knownVersion)
    {
        if (reply.Find(PacemakerCommands.CibKey) is not { } cib)
            return Unreadable(machine, "cibadmin", "no answer");
        if (cib.Code != 0)
        {
            return cib.Code.ToString(CultureInfo.InvariantCulture) == Disconnected || NotConnected().IsMatch(cib.Error)
                ? Reading.Unreadable(PacemakerFindings.NotRunning.On(machine, "text", Excerpt.Of(cib.Error)))
                : Failed(machine, "cibadmin", cib with { Output = "" });
        }
        try
        {
            return Reading.Of(Cib.Facts(
                PacemakerXml.Parse(cib.Output),
                reply.Find(PacemakerCommands.PcsVersionKey) is not { } pcs ? knownVersion : pcs.Code == 0 ? Version().Match(pcs.Output).Value : "",
                Enabled(reply.Find(PacemakerCommands.DaemonsEnabledKey)),
                // Only the plain no lets anything else than the scheduler's own word count.
                reply.Find(PacemakerCommands.CanForecastKey) is not { Code: 1 }));
        }
        catch (FormatException damaged)
        {
            return Unreadable(machine, "cibadmin", damaged.Message);
        }
        catch (XmlException damaged)
        {
            // Its message quotes names at most, but the CIB holds passwords: only the place is told.
            return Unreadable(machine, "cibadmin", $"no whole XML, line {damaged.LineNumber}");
        }
    }

    /// <summary>Null unless systemd says one of the two words it has for both.</summary>
    private static bool? Enabled(Result? answer)
    {
        var words = answer?.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length != 2 ? null
            : words.All(w => w == "enabled") ? true
            : words.All(w => w is "enabled" or "disabled" or "masked" or "enabled-runtime" or "masked-runtime") ? false
            : null;
    }

    private static Reading ReadForecast(string machine, string node, Reply.Answered reply)
    {
        if (reply.Find(PacemakerCommands.ForecastKey) is not { } answer)
            return Unreadable(machine, "the forecast", "no answer");
        if (answer.Code == PacemakerCommands.ForecastToolMissing)
            return Reading.Unreadable(PacemakerFindings.ForecastUnavailable.On(machine, "text", Excerpt.Of(answer.Error)));
        var failed = answer.Code switch
        {
            0 => "",
            PacemakerCommands.ForecastNoCib => "reading the CIB",
            PacemakerCommands.ForecastNotSet => "crm_attribute on the copy",
            PacemakerCommands.ForecastSimulateFailed => "crm_simulate",
            PacemakerCommands.ForecastNodeUnknown => "promotion scores",
            Result.TimedOut => "its time was up",
            var code => $"code {code}",
        };
        if (failed.Length > 0)
            return Reading.Unreadable(PacemakerFindings.ForecastFailed.On(machine, "node", node, "what", failed, "text", Excerpt.Of(answer.Error)));
        try
        {
            return Forecast.Read(machine, node, answer.Output);
        }
        catch (Exception damaged) when (damaged is XmlException or FormatException or InvalidOperationException)
        {
            return Reading.Unreadable(PacemakerFindings.ForecastFailed.On(
                machine, "node", node, "what", "reading the answer", "text", Excerpt.Of(damaged.Message)));
        }
    }

    private static Reading Unreadable(string machine, string what, string text) =>
        Reading.Unreadable(ExchangeFindings.Unreadable.On(machine, "what", what, "text", Excerpt.Of(text)));

    private static Reading Failed(string machine, string what, Result answer) => Reading.Unreadable(ExchangeFindings.Failed.On(
        machine, "what", what, "exit", answer.Code.ToString(CultureInfo.InvariantCulture), "text", Excerpt.Of(answer.Error, answer.Output)));

    /// <summary>Exit code and status of Pacemaker's tools when the cluster does not run on this node.</summary>
    private const string Disconnected = "102";

    [GeneratedRegex("^(Error: |error: |Usage: )", RegexOptions.Multiline)]
    private static partial Regex Refusal();

    [GeneratedRegex("timed out|timeout|timer expired|update failed|unable to push|lost connection", RegexOptions.IgnoreCase)]
    private static partial Regex InDoubt();

    /// <summary>Words of all versions for "the cluster does not run here".</summary>
    [GeneratedRegex("Connection to (the )?cluster failed|Connection refused|Transport endpoint is not connected|Could not connect|not running on this node", RegexOptions.IgnoreCase)]
    private static partial Regex NotConnected();

    [GeneratedRegex(@"^\S+$")]
    private static partial Regex NodeName();

    [GeneratedRegex(@"^\d+(\.\d+)+")]
    private static partial Regex Version();

    /// <summary>
    /// Which form crm_mon understands shows only in its answer: old versions print their help and exit 0. As long as no
    /// answer was read, both forms are asked in the one exchange; after that, the one that was read.
    /// </summary>
    private static ImmutableArray<Command> StateQuestions(Subject subject, DriverContext context)
    {
        var known = context.Snapshot.Facts<PacemakerFacts>(subject.Kind, subject.Name);
        var limit = TimeSpan.FromSeconds(8);
        var questions = ImmutableArray.CreateBuilder<Command>();
        if (known is not { LegacyForm: true })
            questions.Add(new(PacemakerCommands.CrmMonKey, PacemakerCommands.CrmMon, Root: true, Limit: limit));
        if (known is not { LegacyForm: false })
            questions.Add(new(PacemakerCommands.CrmMonLegacyKey, PacemakerCommands.CrmMonLegacy, Root: true, Limit: limit));
        questions.Add(new(PacemakerCommands.CrmNodeKey, PacemakerCommands.CrmNode, Root: true, Limit: TimeSpan.FromSeconds(4)));
        return questions.ToImmutable();
    }

    /// <summary>pcs needs seconds of a slow machine only to say its version, which is asked for until it was told.</summary>
    private static ImmutableArray<Command> SetupQuestions(string pcsVersion) =>
    [
        new(PacemakerCommands.CibKey, PacemakerCommands.Cib, Root: true, Limit: TimeSpan.FromSeconds(20)),
        .. pcsVersion.Length > 0 ? [] : (ImmutableArray<Command>)[new(PacemakerCommands.PcsVersionKey, PacemakerCommands.PcsVersion, Limit: TimeSpan.FromSeconds(30))],
        new(PacemakerCommands.DaemonsEnabledKey, PacemakerCommands.DaemonsEnabled, Limit: TimeSpan.FromSeconds(5)),
        new(PacemakerCommands.CanForecastKey, PacemakerCommands.CanForecast, Limit: TimeSpan.FromSeconds(5)),
    ];

    /// <summary>What it last said; empty: nothing yet, or its last answer could not be read.</summary>
    private static string PcsVersion(string machine, DriverContext context) =>
        context.Snapshot.Facts<PacemakerSetupFacts>(SubjectKind.PacemakerSetup, machine)?.PcsVersion ?? "";

    private static Request.Shell Predict(string machine, ImmutableArray<string> command) =>
        new(machine, [new(PacemakerCommands.ForecastKey, command, Root: true, Limit: TimeSpan.FromSeconds(55))], ForecastBudget);

    private static string NodeOf(string machine, DriverContext context) => context.Inventory.Machine(machine).NodeName;

    private static string PeerNodeOf(string machine, DriverContext context) =>
        NodeOf(context.Inventory.Pairs.First(p => p.Members.Contains(machine)).Other(machine), context);

    /// <summary>
    /// Every pcs 0.9 knows the cluster form, only its later half the node form; 0.10 removed the cluster form (X4). An
    /// unknown version gets the node form: were it wrong, pcs would refuse with its usage and do nothing.
    /// </summary>
    private static bool ClusterForm(SetStandby standby, DriverContext context) => PcsVersion(standby.Via, context).StartsWith("0.9.", StringComparison.Ordinal);
}
