using System.Globalization;
using System.Text.RegularExpressions;
using Changeover.Drivers;
using Changeover.Findings;
using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Tests.Simulation;
using Changeover.Tests.Tidy;

namespace Changeover.Tests.Findings;

/// <summary>What the program says to people is there in German, all of it, and says the same.</summary>
public sealed partial class GermanTests
{
    [Fact]
    public void Every_finding_has_a_German_sentence_and_none_is_for_nobody() =>
        Assert.Equal(FindingCatalogue.All.Select(c => c.Code).Order(StringComparer.Ordinal), GermanFindings.Templates.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void A_German_finding_has_exactly_the_arguments_of_the_English_one() =>
        Assert.All(FindingCatalogue.All, c => Assert.Equal((c.Code, Places(c.Template)), (c.Code, Places(GermanFindings.Templates[c.Code]))));

    [Fact]
    public void A_German_finding_is_another_sentence() =>
        Assert.All(FindingCatalogue.All, c => Assert.NotEqual(c.Template, GermanFindings.Templates[c.Code]));

    /// <summary>What somebody has to type, open or read is the same in every language.</summary>
    [Fact]
    public void Whatever_is_quoted_a_path_or_an_option_stands_in_both() =>
        Assert.All(FindingCatalogue.All, c => Assert.Equal(
            (c.Code, string.Join(' ', Fixed().Matches(c.Template).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal))),
            (c.Code, string.Join(' ', Fixed().Matches(GermanFindings.Templates[c.Code]).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal)))));

    [Fact]
    public void Every_step_title_has_German_with_the_same_places()
    {
        Assert.Equal(Phrases.Texts.Keys.Order(StringComparer.Ordinal), GermanPhrases.Templates.Keys.Order(StringComparer.Ordinal));
        Assert.All(Phrases.Texts, p => Assert.Equal((p.Key, Places(p.Value)), (p.Key, Places(GermanPhrases.Templates[p.Key]))));
        // A step of the site is called what the site says.
        Assert.All(Phrases.Texts.Where(p => p.Key != "site"), p => Assert.NotEqual(p.Value, GermanPhrases.Templates[p.Key]));
    }

    [Fact]
    public void Words_reasons_and_sentences_stand_there_once_with_the_same_places()
    {
        foreach (var table in new[] { GermanWords.All, GermanReasons.All, GermanSentences.All, GermanReports.All, GermanHarm.All })
        {
            Assert.Empty(table.GroupBy(t => t.English).Where(g => g.Count() > 1).Select(g => g.Key));
            Assert.All(table, t => Assert.Equal((t.English, Places(t.English)), (t.English, Places(t.German))));
        }
        Assert.All(GermanReasons.All.Concat(GermanSentences.All).Concat(GermanReports.All), t => Assert.True(t.English != t.German || !t.English.Any(char.IsLetter) || t.English == "-- {0} --", t.English));
    }

    /// <summary>The states that findings name come from these.</summary>
    [Fact]
    public void Every_state_that_a_finding_can_name_is_a_German_word()
    {
        var words = GermanWords.All.Select(w => w.English).ToHashSet();
        var states = Names<PowerState>().Concat(Names<ServiceRun>()).Concat(Names<ServiceStart>()).Concat(Names<ResourceRole>()).Concat(Names<DrbdRole>())
            .Concat(Names<ReplicationThread>()).Concat(Names<ServerAdmin>()).Concat(Names<PeerExpectation>()).Where(n => n != "notinstalled");

        Assert.Empty(states.Except(words));
        Assert.Empty(Names<ResourceRole>().Select(r => $"{r} on {{0}}").Except(words));
        Assert.Empty(Names<ServerAdmin>().SelectMany(a => new[] { $"{a} with weight {{0}}", $"{a} (weight {{0}})" }).Except(words));
        Assert.Empty(Gates.Failover.Concat(Gates.Failback).Concat(Gates.Close).Except(words));
        Assert.Empty(Enum.GetValues<Changeover.Running.Answer>().Select(a => a.ToString().ToLowerInvariant()).Except(words));
    }

    [Theory]
    [InlineData("stopped (no process)", "gestoppt (kein Prozess)")]
    [InlineData("stopped, error 1045 Access denied for user 'repl' to on and off", "gestoppt, Fehler 1045 Access denied for user 'repl' to on and off")]
    [InlineData("acd-lb1 and acd-lb2", "acd-lb1 und acd-lb2")]
    [InlineData("started on acd-store2", "gestartet auf acd-store2")]
    [InlineData("uptodate", "uptodate")]
    public void A_word_with_something_in_it_is_told_from_it(string english, string german) =>
        Assert.Equal($"acd-tel1: 8-Server ist nicht wie erwartet. Ist: {german}, Soll: läuft.", StateFindings.ServiceNotAs.On("acd-tel1", "service", "8-Server", "seen", english, "expected", "running").In(Language.German));

    /// <summary>They stand where our own reasons stand as well.</summary>
    [Theory]
    [InlineData("Permission denied (publickey); Connection to 10.0.0.1 and the other closed on request")]
    [InlineData("ssh: connect to host 10.20.0.21 port 22: No route to host")]
    [InlineData("libcrmcommon.so is missing")]
    public void What_another_program_said_stays_as_it_is(string said) =>
        Assert.Contains(said, ExchangeFindings.NoAnswer.On("acd-lb1", "asked", "machine:acd-lb1", "why", said).In(Language.German), StringComparison.Ordinal);

    [Fact]
    public void A_reason_of_ours_is_German_whatever_stands_beside_it() =>
        Assert.Contains(
            "geantwortet: keine Antwort innerhalb von 30 s; das Verlangte läuft dort womöglich noch; kex_exchange_identification.",
            ExchangeFindings.NoAnswer.On("acd-lb1", "why", "it did not answer within 30 s; what was asked may still be running there; kex_exchange_identification").In(Language.German),
            StringComparison.Ordinal);

    /// <summary>An action that was refused is told with the sentence of a finding.</summary>
    [Fact]
    public void A_refusal_within_a_finding_is_German_too()
    {
        var refusal = ExchangeFindings.Refusal("", new Reply.Refused(RefusalKind.CertificateInvalid, "its address http://pve1/ is not https, so the secret is not sent"));

        Assert.Equal(
            "poweroff.acd-jb1: Die Aktion wurde abgelehnt: zeigt ein Zertifikat, dem nicht vertraut wird: die Adresse http://pve1/ ist nicht https, deshalb wird das Geheimnis nicht gesendet."
            + " Im Inventar die richtige certificateAuthority angeben; die Prüfung wird nie abgeschaltet. Durch sie ist nichts geschehen.",
            Changeover.Running.RunFindings.Refused.On("poweroff.acd-jb1", "words", refusal.Message.Trim(' ', '.')).In(Language.German));
    }

    /// <summary>A phrase or finding of another version of the program.</summary>
    [Fact]
    public void What_has_no_German_is_said_in_English()
    {
        Assert.Equal("acd-lb1: other.code", FindingCatalogue.Find("other.code").On("acd-lb1").In(Language.German));
        Assert.Equal("other acd-lb1", Phrase.Of("other", "acd-lb1").In(Language.German));
        Assert.Equal("Ring the bell twice.", Language.German.Say("Ring the bell twice."));
    }

    /// <summary>Both plans of the example, word by word: none is one of the English titles, unless German has it too or it is a name.</summary>
    [Fact]
    public void No_title_of_the_examples_plans_has_an_English_word_left()
    {
        var english = Phrases.Texts.Values.SelectMany(Words).ToHashSet(StringComparer.OrdinalIgnoreCase);
        english.ExceptWith(GermanPhrases.Templates.Values.SelectMany(Words));
        english.UnionWith(["side", "kept", "emptied", "pairs", "databases", "balancers"]);
        var site = FaultCatalogue.Site;
        var names = site.Machines.Select(m => m.Name).Concat(site.Services.Select(s => s.Title)).Concat(site.SiteSteps.Select(s => s.Instruction)).Concat(site.Acceptance.Select(a => a.Instruction)).ToArray();
        var titles = FaultCatalogue.Plans().SelectMany(p => p.Steps).Select(s => names.OrderByDescending(n => n.Length).Aggregate(s.Title.In(Language.German), (t, n) => t.Replace(n, "", StringComparison.Ordinal))).Distinct().ToArray();

        Assert.Contains(titles, t => t.Contains("auf Standby setzen", StringComparison.Ordinal));
        Assert.All(titles, t => Assert.Empty(Words(t).Where(english.Contains).Select(w => $"{w} in: {t}")));
    }

    /// <summary>The causes of every break of the catalogue, as people get to see them.</summary>
    [Theory]
    [MemberData(nameof(FaultCatalogueTests.Breaks), MemberType = typeof(FaultCatalogueTests))]
    public void The_cause_of_every_break_is_told_in_German(string what)
    {
        var halted = FaultCatalogue.Of(what).Halted;
        var findings = halted.Halted.SelectMany(s => halted.Steps[s.Id].Findings).Concat(halted.Broken.Values.SelectMany(f => f)).ToArray();

        Assert.NotEmpty(findings);
        Assert.All(findings, f => Assert.Empty(Words(Raw().Replace(f.In(Language.German), "")).Where(Plainly.Contains).Select(w => $"{w} in: {f.In(Language.German)}")));
    }

    /// <summary>Words that no German sentence and no name has.</summary>
    private static readonly HashSet<string> Plainly = new(
        ["the", "is", "are", "and", "not", "with", "expected", "its", "of", "running", "stopped", "unknown", "nowhere", "from", "by", "would", "connected"], StringComparer.Ordinal);

    /// <summary>Every sentence in these sources that a person at the page may get is filled in with something and looked up.</summary>
    [Theory]
    [InlineData("src/Changeover/Running", "CommandEnds(")]
    [InlineData("src/Changeover/Serving", "CommandEnds(")]
    [InlineData("src/Changeover/Serving", "Refusal(")]
    [InlineData("src/Changeover/Reporting/ReportPdf.cs", "CommandEnds(")]
    [InlineData("src/Changeover/Reporting/RunText.cs", "Say(")]
    [InlineData("src/Changeover.Core/Running/RunView.cs", "Say(")]
    [InlineData("src/Changeover.Core/Running/RunView.cs", "(false, ")]
    [InlineData("src/Changeover.Core/Running/RunView.cs", "(true, ")]
    [InlineData("src/Changeover.Core/Running/LeftBehind.cs", "yield return ")]
    [InlineData("src/Changeover.Core/Running/Mends.cs", "SetReplication r => ")]
    [InlineData("src/Changeover.Core/Running/Mends.cs", "EndSession e => string.Create(CultureInfo.InvariantCulture, ")]
    [InlineData("src/Changeover/Reporting/Sending.cs", "return [")]
    [InlineData("src/Changeover.Core/Planning/Rules", "new Instruct(")]
    public void Every_sentence_for_the_page_has_German(string place, string before)
    {
        var path = Path.Combine(Checkout.Root, place);
        string[] files = File.Exists(path) ? [path] : Directory.GetFiles(path, "*.cs");
        var said = files.Where(f => !AtTheStart.Contains(Path.GetFileName(f))).SelectMany(f => Sentences.In(File.ReadAllText(f), before)).Distinct().ToArray();

        Assert.NotEmpty(said);
        Assert.All(said, s => Assert.NotEqual(s, Language.German.Say(s)));
    }

    /// <summary>Whatever a rehearsal can say that must never be so.</summary>
    [Fact]
    public void Every_harm_of_a_rehearsal_has_German()
    {
        var said = Directory.GetFiles(Path.Combine(Checkout.Root, "src/Changeover.Core/Simulation"), "*.cs").SelectMany(f => Sentences.In(File.ReadAllText(f), ".Violate("))
            .Append("neither ended nor halted").Distinct().ToArray();

        Assert.InRange(said.Length, 10, GermanHarm.All.Length);
        Assert.All(said, s => Assert.NotEqual(s, Language.German.Harm(s)));
    }

    /// <summary>What these say ends the program before anybody can ask it.</summary>
    private static readonly string[] AtTheStart = ["Server.cs", "Certificate.cs", "Site.cs", "ProviderSettings.cs"];

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(v => v.ToString().ToLowerInvariant());

    private static string Places(string template) =>
        string.Join(' ', Place().Matches(template).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));

    private static IEnumerable<string> Words(string text) => Word().Matches(Place().Replace(text, " ")).Select(m => m.Value);

    /// <summary>What other programs say in these breaks: systemd, the kernel, MariaDB, sudo.</summary>
    [GeneratedRegex(@"\((in)?active \(\w+\)\)|Transport endpoint is not connected|Fehler [0-9]+ .*|sudo: a password is required")]
    private static partial Regex Raw();

    [GeneratedRegex(@"\{(\w+)(?::\w+)?\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"(?<![\w-])[\p{L}]{2,}(?![\w-])")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<![\p{L}}])'[^']+'(?!\p{L})|docs/[\w./-]+\w|(?<= |\()--?[a-z][a-z-]*|/[a-z/-]{5,}|pcs [a-z]+ [a-z]+|systemctl [a-z-]+")]
    private static partial Regex Fixed();
}

/// <summary>Texts in source code, with something filled in: the first of the words that are chosen from, or a number.</summary>
internal static class Sentences
{
    /// <summary>The first text that stands after each of these, among its arguments.</summary>
    public static IEnumerable<string> In(string source, string before)
    {
        for (var at = source.IndexOf(before, StringComparison.Ordinal); at >= 0; at = source.IndexOf(before, at + 1, StringComparison.Ordinal))
        {
            var from = at + before.Length;
            if (source.IndexOf('"', from) is >= 0 and var quote && source[from..quote].All(c => char.IsLetterOrDigit(c) || char.IsWhiteSpace(c) || c is '.' or ',' or '?' or ':' or '$' or '>')
                && Text(source, quote, source[quote - 1] == '$') is { } text && text.Any(char.IsLetter))
                yield return text;
        }
    }

    /// <summary>Null: it goes on behind the line.</summary>
    private static string? Text(string line, int quote, bool filled)
    {
        var text = "";
        for (var i = quote + 1; i < line.Length; i++)
        {
            if (line[i] == '"')
                return text;
            if (line[i] == '\n')
                return null;
            if (line[i] == '\\')
                text += line[++i] == 'n' ? '\n' : line[i];
            else if (filled && line[i] == '{')
            {
                var from = i;
                i = End(line, i);
                // A part that may be missing is left out.
                var words = line[from..i].Split('"');
                text += line[from..i].Contains("\"\"", StringComparison.Ordinal) ? ""
                    : words.Length > 2 && words[1].Any(char.IsLetter) ? words[1]
                    : from.ToString(CultureInfo.InvariantCulture);
            }
            else
                text += line[i];
        }
        return null;
    }

    /// <summary>Where the brace that opens here closes.</summary>
    private static int End(string line, int open)
    {
        for (var (i, depth, quoted) = (open, 0, false); i < line.Length; i++)
        {
            if (line[i] == '"')
                quoted = !quoted;
            else if (!quoted && line[i] == '{')
                depth++;
            else if (!quoted && line[i] == '}' && --depth == 0)
                return i;
        }
        return line.Length - 1;
    }
}
