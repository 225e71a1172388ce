using Changeover.Findings;

namespace Changeover.Drivers.Database;

/// <summary>What can be wrong with asking a database server.</summary>
public static class DatabaseFindings
{
    public static readonly FindingCode NoClient = new("database.no-client", Severity.Error,
        "{subject}: its database cannot be asked: {why}. Install the server's own client on the machine.");

    public static readonly FindingCode NotAnswering = new("database.not-answering", Severity.Error,
        "{subject}: its database server does not answer: {why}. Its data, replication and sessions are unknown. Start it, or look at its log.");

    public static readonly FindingCode LoginRefused = new("database.login-refused", Severity.Error,
        "{subject}: its database server refuses the login: {why}. Correct the option file the inventory names, or let root log in at the socket.");

    public static readonly FindingCode RightsMissing = new("database.rights-missing", Severity.Error,
        "{subject}: the database login may not see everything that is needed: {why}. Grant the rights of docs/drivers/database.md.");

    public static readonly FindingCode Hangs = new("database.hangs", Severity.Error,
        "{subject}: its database server did not answer in time; it hung at {part}. A full disk is the usual cause (then only the replica status hangs). Its state is unknown. Look at the room on its disks and at its process list.");

    public static readonly FindingCode OtherServer = new("database.other-server", Severity.Danger,
        "{subject}: another database server answered: {what} is {seen}, expected {expected}. What it says is not about this machine. Correct the option file or the port in the inventory; a login must lead to the machine's own server, never to a floating address.");

    internal static readonly ImmutableArray<FindingCode> All = [NoClient, NotAnswering, LoginRefused, RightsMissing, Hangs, OtherServer];
}
