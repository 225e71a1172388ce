using System.CommandLine;
using Changeover.Running;
using Changeover.Serving;
using Spectre.Console;

namespace Changeover.Cli;

/// <summary><c>account</c> and <c>token</c>: who may use page and API.</summary>
public static class PeopleCommands
{
    public static Command Account(CommonOptions common) => new("account", "People who may sign in to the page.")
    {
        Add(common, "An account; its password is asked for, or read from standard input.", (people, name, right) =>
        {
            var password = Password();
            return (people.With(new Account(name, right, Passwords.Hash(password), DateTimeOffset.UtcNow)), $"{name} may sign in, with the right {Word(right)}");
        }),
        List(common, people => people.Accounts.Select(a => (a.Name, a.Right, a.Since))),
        Remove(common, (people, name) => people with { Accounts = [.. people.Accounts.Where(a => a.Name != name)] }),
    };

    public static Command Token(CommonOptions common) => new("token", "Tokens for programs that use the API.")
    {
        Add(common, "A token; it is shown once and kept nowhere.", (people, name, right) =>
        {
            var token = Passwords.NewToken();
            return (people.With(new Token(name, right, Passwords.Digest(token), DateTimeOffset.UtcNow)), token);
        }),
        List(common, people => people.Tokens.Select(t => (t.Name, t.Right, t.Since))),
        Remove(common, (people, name) => people with { Tokens = [.. people.Tokens.Where(t => t.Name != name)] }),
    };

    private static Command Add(CommonOptions common, string description, Func<People, string, Right, (People, string)> add)
    {
        var name = Name();
        var right = new Option<string>("--right", "--role") { Description = "view, plan, approve or run; each includes those before it.", Required = true }.AcceptOnlyFromAmong("view", "plan", "approve", "run");
        var command = new Command("add", description) { name, right };
        common.AddTo(command);
        command.SetAction(parse =>
        {
            var file = File(common, parse);
            var (people, said) = add(People.Read(file), People.CheckName(parse.GetValue(name)!), Enum.Parse<Right>(parse.GetValue(right)!, ignoreCase: true));
            people.Write(file);
            Console.Out.WriteLine(said);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List(CommonOptions common, Func<People, IEnumerable<(string Name, Right Right, DateTimeOffset Since)>> all)
    {
        var command = new Command("list", "Who there is.");
        common.AddTo(command);
        command.SetAction(parse =>
        {
            foreach (var (name, right, since) in all(People.Read(File(common, parse))))
                Console.Out.WriteLine($"{name}  {Word(right)}  since {since:yyyy-MM-dd}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Remove(CommonOptions common, Func<People, string, People> remove)
    {
        var name = Name();
        var command = new Command("remove", "Take it away; whoever is signed in with it is signed out.") { name };
        common.AddTo(command);
        command.SetAction(parse =>
        {
            var file = File(common, parse);
            var before = People.Read(file);
            var after = remove(before, parse.GetValue(name)!);
            if (after.Accounts.Length == before.Accounts.Length && after.Tokens.Length == before.Tokens.Length)
                throw new CommandEnds(ExitCodes.Usage, $"there is no {parse.GetValue(name)}");
            after.Write(file);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Argument<string> Name() => new("name") { Description = "As it is to stand in the journal." };

    private static string File(CommonOptions common, ParseResult parse) => People.PathOf(JournalCommands.JournalOf(common.Read(parse)));

    private static string Word(Right right) => right.ToString().ToLowerInvariant();

    /// <summary>Never an argument: those are seen by everybody on the machine.</summary>
    private static string Password()
    {
        var password = Console.IsInputRedirected ? Console.In.ReadLine() ?? "" : AnsiConsole.Prompt(new TextPrompt<string>("Password:").Secret());
        return password.Length is >= Passwords.Shortest and <= Passwords.Longest
            ? password
            : throw new CommandEnds(ExitCodes.Usage, $"a password has {Passwords.Shortest} to {Passwords.Longest} characters; this one has {password.Length}. Nothing was changed.");
    }
}
