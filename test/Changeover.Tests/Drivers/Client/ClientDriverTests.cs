using Changeover.Drivers;
using Changeover.Drivers.Client;
using Changeover.Inventory;
using Changeover.Knowledge;
using static Changeover.Tests.Drivers.SmallCluster;

namespace Changeover.Tests.Drivers.Client;

public sealed class ClientDriverTests
{
    // Captured from MariaDB 10.11.19: a greeting with the refusal of the login behind it, and a blocked address.
    private const string Greeting = "640000000a352e352e352d31302e31312e31392d4d6172696144422d302b6465623132753100040000003f253b394b4d236200fef7080200ff81150000000000001d00000047";
    private const string Blocked = "6a000000ff6904486f7374202731302e39392e302e312720697320626c6f636b6564";

    private static readonly ClientDriver Driver = new();
    private static readonly Subject Jb = new(SubjectKind.Client, "acd-jb1");
    private static readonly Subject Tel = new(SubjectKind.Client, "acd-tel1");

    private static readonly DriverContext WithoutLogin = Context with
    {
        Inventory = Cluster with { Roles = [.. Cluster.Roles.Select(r => r.Database is null ? r : r with { Database = new() })] },
    };

    private static Reply.Answered Proofs(string share, string database, int shareCode = 0, int databaseCode = 0) =>
        new([new(ClientDriver.ShareKey, shareCode, share), new(ClientDriver.DatabaseKey, databaseCode, database)]);

    private const string ShareGood = "readable=yes\nwritable=yes\ndetail=\nend\n";
    private const string LoginGood = "answers=yes\ndetail=\nend\n";

    [Fact]
    public void A_client_with_mount_and_login_is_asked_for_both()
    {
        var request = (Request.Shell)Driver.Ask(Jb, Context);

        Assert.Equal([ClientDriver.MountCommand("/srv/jtel/shared", "acd-jb1"), ClientDriver.DatabaseCommand("10.0.0.30", 3306, "/etc/changeover/client.cnf")], request.Commands.Select(c => c.Arguments));
    }

    [Fact]
    public void Without_mount_and_login_share_and_greeting_are_asked()
    {
        var bare = WithoutLogin with
        {
            Inventory = WithoutLogin.Inventory with { Roles = [.. WithoutLogin.Inventory.Roles.Select(r => r.Store is null ? r : r with { Store = new(Share: "//10.0.0.20/acd") })] },
        };

        var request = (Request.Shell)Driver.Ask(Jb, bare);

        Assert.Equal([ClientDriver.ShareCommand("//10.0.0.20/acd", "acd-jb1"), ClientDriver.GreetingCommand("10.0.0.30", 3306)], request.Commands.Select(c => c.Arguments));
    }

    [Fact]
    public void A_machine_that_needs_neither_is_asked_nothing_and_answers_nothing()
    {
        var lb = new Subject(SubjectKind.Client, "acd-lb1");

        Assert.Empty(((Request.Shell)Driver.Ask(lb, Context)).Commands);
        Assert.Equal(new ClientFacts(null, null, null, ""), Driver.Read(lb, new([]), Context).Facts);
    }

    [Theory]
    [InlineData(ShareGood, 0, LoginGood, 0, true, true, true)]
    [InlineData("readable=yes\nwritable=no\ndetail=Read-only file system\nend\n", 0, LoginGood, 0, true, false, true)]
    [InlineData("", 124, LoginGood, 0, false, false, true)]
    [InlineData(ShareGood, 0, "answers=no\ndetail=ERROR 2002\nend\n", 0, true, true, false)]
    [InlineData(ShareGood, 0, "", 124, true, true, false)]
    public void What_a_client_can_use_is_read(string share, int shareCode, string login, int loginCode, bool readable, bool writable, bool answers)
    {
        var facts = Assert.IsType<ClientFacts>(Driver.Read(Jb, Proofs(share, login, shareCode, loginCode), Context).Facts);

        Assert.Equal((readable, writable, answers), (facts.ShareReadable, facts.ShareWritable, facts.DatabaseAnswers));
    }

    [Fact]
    public void An_answer_cut_short_anywhere_is_unreadable()
    {
        for (var i = 0; i < ShareGood.Length; i++)
            Assert.Equal("client.unreadable", Driver.Read(Jb, Proofs(ShareGood[..i], LoginGood), Context).Problem?.Code.Code);
        for (var i = 0; i < LoginGood.Length; i++)
            Assert.Equal("client.unreadable", Driver.Read(Jb, Proofs(ShareGood, LoginGood[..i]), Context).Problem?.Code.Code);
    }

    [Theory]
    [InlineData(Greeting, "", true)]
    [InlineData(Blocked, "", false)]
    [InlineData("", "", false)]
    [InlineData("", "no connection", false)]
    [InlineData("485454502f312e31", "", false)]
    public void Only_a_greeting_proves_a_database(string bytes, string words, bool expected) =>
        Assert.Equal(expected, ((ClientFacts)Driver.Read(Jb, Proofs(ShareGood, $"received={bytes}\ndetail={words}\nend\n"), WithoutLogin).Facts!).DatabaseAnswers);

    [Fact]
    public void A_blocked_address_is_told_with_its_error() =>
        Assert.Contains("1129", ((ClientFacts)Driver.Read(Jb, Proofs(ShareGood, $"received={Blocked}\ndetail=\nend\n"), WithoutLogin).Facts!).Detail);

    [Fact]
    public void A_missing_program_is_not_a_missing_share() =>
        Assert.Equal("client.no-tool", Driver.Read(Jb, Proofs("", LoginGood, shareCode: 127), Context).Problem?.Code.Code);

    [Fact]
    public void Windows_proves_both_by_its_own_script()
    {
        var request = (Request.Shell)Driver.Ask(Tel, Context);
        Assert.Equal(
            """{"verb":"prove-client","what":"share","share":"\\\\10.0.0.20\\acd","file":".changeover-proof-acd-tel1"}""",
            PowerShell.Comment(request.Commands[0].Arguments));

        var facts = Driver.Read(Tel, Proofs("""{"readable":true,"writable":true,"detail":""}""", $$"""{"received":"{{Greeting}}","detail":""}"""), Context).Facts;

        Assert.Equal(new ClientFacts(true, true, true, "database: greeting only, no login proved"), facts);
    }

    [Fact]
    public void Every_client_sends_the_same_login()
    {
        // The bytes of the shell's printf are the bytes of PowerShell's array.
        var script = PowerShell.Script(WindowsClient.Database("10.0.0.30", 3306))!;
        var sent = Convert.FromBase64String(script.Split("FromBase64String('")[1].Split('\'')[0]);
        var printf = ClientDriver.GreetingScript.Split('\n').Single(l => l.StartsWith("printf '\\x2c", StringComparison.Ordinal)).Replace(" >&9", "");

        var od = Execute(["/bin/bash", "-c", printf + " | od -An -v -tx1 | tr -d ' \\n'"]);

        Assert.Equal(Convert.ToHexStringLower(sent), od.Output);
        Assert.Equal(sent.Length - 4, sent[0]);
    }

    [Fact]
    public void A_folder_where_nothing_is_mounted_proves_no_share()
    {
        var folder = Directory.CreateTempSubdirectory("changeover-test-");
        try
        {
            var output = Execute(ClientDriver.MountCommand(folder.FullName, "acd-jb1")).Output;

            var facts = (ClientFacts)Driver.Read(Jb, Proofs(output, LoginGood), Context).Facts!;
            Assert.Equal((false, false), (facts.ShareReadable, facts.ShareWritable));
            Assert.Contains("nothing is mounted", facts.Detail);
            Assert.Empty(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_port_nobody_listens_on_is_a_database_that_does_not_answer()
    {
        // Port 1 of the loopback: reserved, and nobody's.
        var output = Execute(ClientDriver.GreetingCommand("127.0.0.1", 1)).Output;

        Assert.False(((ClientFacts)Driver.Read(Jb, Proofs(ShareGood, output), WithoutLogin).Facts!).DatabaseAnswers);
    }
}
