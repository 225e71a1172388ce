using Changeover.Findings;

namespace Changeover.Inventory;

/// <summary>
/// What can be wrong with an inventory file. The subject is the path of the entry in the file
/// (<c>machines.acd-jb1.host</c>), so that the program can say line and column; a value that may be a secret is never an argument.
/// </summary>
public static class InventoryFindings
{
    // The text of the file.
    public static readonly FindingCode Unreadable = new("inventory.unreadable", Severity.Error,
        "{subject} cannot be read: {why}. Give the inventory with -i FILE, or write one to start from with: changeover init");

    public static readonly FindingCode TooLarge = new("inventory.too-large", Severity.Error,
        "{subject} has {bytes} bytes; expected at most {most}. An inventory of a hundred machines has about 20000, so this is probably another file.");

    public static readonly FindingCode NotText = new("inventory.not-text", Severity.Error,
        "{subject} is not UTF-8 text; expected YAML in UTF-8. Save it as UTF-8.");

    public static readonly FindingCode Empty = new("inventory.empty", Severity.Error,
        "{subject} is empty; expected at least cluster, hosts and machines. Write one to start from with: changeover init");

    public static readonly FindingCode Syntax = new("inventory.syntax", Severity.Error,
        "{subject} is not YAML from here on: {why} Expected the closing mark, the right indentation or the quotes just before it.");

    public static readonly FindingCode Tab = new("inventory.tab", Severity.Error,
        "{subject} has a tab in the indentation here; expected blanks, because YAML does not say how wide a tab is.");

    public static readonly FindingCode TooDeep = new("inventory.too-deep", Severity.Error,
        "{subject} is nested deeper than {most} levels here; expected at most 6, so a bracket or an indentation is probably wrong.");

    public static readonly FindingCode TooMany = new("inventory.too-many", Severity.Error,
        "{subject} has more than {most} keys and values up to here; expected about 2000 for a hundred machines, so this is probably another file.");

    public static readonly FindingCode NotPlain = new("inventory.not-plain", Severity.Error,
        "{subject} uses {what} here; expected plain values. Write the value out: what stands in the file must be what is done.");

    public static readonly FindingCode Documents = new("inventory.documents", Severity.Error,
        "{subject} begins a second document here (---); expected one inventory in one file.");

    public static readonly FindingCode DuplicateKey = new("inventory.duplicate-key", Severity.Error,
        "{subject} is given twice, first in line {first}; expected once, because one of the two would be ignored.");

    // The shape of the entries.
    public static readonly FindingCode UnknownKey = new("inventory.unknown-key", Severity.Error,
        "{subject} is not a key here (nearest: {nearest}); expected one of: {known}.");

    public static readonly FindingCode MissingKey = new("inventory.missing-key", Severity.Error,
        "{subject} is missing; expected {expected}.");

    public static readonly FindingCode ExactlyOne = new("inventory.exactly-one", Severity.Error,
        "{subject} has {found}; expected exactly one of: {keys}.");

    public static readonly FindingCode WrongType = new("inventory.wrong-type", Severity.Error,
        "{subject} is {found}; expected {expected}.");

    public static readonly FindingCode BadValue = new("inventory.bad-value", Severity.Error,
        "{subject} is '{value}'; expected {expected}.");

    public static readonly FindingCode SecretValue = new("inventory.secret-value", Severity.Error,
        "{subject} is no reference (its value is not shown here); expected env:NAME, file:PATH or command:PROGRAM, because a secret in this file ends up in backups and repositories. If this was the secret itself, change it.");

    public static readonly FindingCode SecretInUrl = new("inventory.secret-in-url", Severity.Error,
        "{subject} holds a login (its value is not shown here); expected an address without one, and the login in user and secret. If this was a real password, change it.");

    public static readonly FindingCode WrongKind = new("inventory.wrong-kind", Severity.Error,
        "{subject} belongs to a role of kind {expected}; this role is of kind {kind}, so it would have no effect. Remove it, or move it to the right role.");

    // What the entries say together.
    public static readonly FindingCode UnknownReference = new("inventory.unknown-reference", Severity.Error,
        "{subject}: no {kind} is called '{name}' (nearest: {nearest}); expected one of: {known}.");

    public static readonly FindingCode NamedTwice = new("inventory.named-twice", Severity.Error,
        "{subject} names {name} twice; expected every name once.");

    public static readonly FindingCode HostsTooFew = new("inventory.hosts-too-few", Severity.Error,
        "{subject} has {count}; expected at least two, because a host can only be emptied onto another one.");

    public static readonly FindingCode AddressTwice = new("inventory.address-twice", Severity.Error,
        "{subject} is {address}, which {other} has too; expected an address of its own, because commands meant for one would reach the other.");

    public static readonly FindingCode FloatingIsOwn = new("inventory.floating-is-own", Severity.Error,
        "{subject} is {address}, which is the machine {other}'s own address; expected the address that moves. Commands go to a machine's own address, never to a floating one.");

    public static readonly FindingCode NameTwice = new("inventory.name-twice", Severity.Error,
        "{subject} is {name}, as {other} is; expected a name of its own, because by it a machine is told from the others before anything is set.");

    public static readonly FindingCode RoleCycle = new("inventory.role-cycle", Severity.Error,
        "{subject}: roles require each other in a circle, {cycle}; expected an order, because it says which machine is switched off last and on first.");

    public static readonly FindingCode MachineCycle = new("inventory.machine-cycle", Severity.Error,
        "{subject}: through their roles, machines of {host} require each other in a circle, {cycle}; expected an order, because none of them could be switched off first. Separate the roles, or change what they require.");

    public static readonly FindingCode PairSize = new("inventory.pair-size", Severity.Error,
        "{subject}: the Pacemaker pair {pair} of role {role} has {count} ({machines}); expected exactly two. Where a role has several pairs, say on each machine which one: pair: NAME");

    public static readonly FindingCode ReplicatedSize = new("inventory.replicated-size", Severity.Error,
        "{subject}: the replicated databases of role {role} are {count} ({machines}); expected exactly two that replicate both ways.");

    public static readonly FindingCode PairOnOneHost = new("inventory.pair-on-one-host", Severity.Error,
        "{subject}: both machines of pair {pair} ({machines}) are on {host}; expected two hosts, because emptying this one would stop both.");

    public static readonly FindingCode PairsOverlap = new("inventory.pairs-overlap", Severity.Error,
        "{subject} belongs to the Pacemaker pairs {pairs} with different partners; expected one pair, because a node belongs to one cluster and its standby moves everything on it.");

    public static readonly FindingCode WriterUnknown = new("inventory.writer-unknown", Severity.Error,
        "{subject}: nothing says how the writer among {machines} is chosen; expected a balancer role with a floatingAddress and a writerBackend, because only then can be proved that nothing is lost.");

    public static readonly FindingCode PlatformUnfit = new("inventory.platform-unfit", Severity.Error,
        "{subject} is windows, but role {role} needs {what}; expected linux.");

    public static readonly FindingCode RoleUnused = new("inventory.role-unused", Severity.Error,
        "{subject}: no machine has this role (nearest that a machine has: {nearest}), so the entry would have no effect. Correct the name, give the role to a machine, or remove the entry.");

    public static readonly FindingCode ServiceUnused = new("inventory.service-unused", Severity.Error,
        "{subject}: no machine has this service (nearest that a machine has: {nearest}), so the entry would have no effect. Correct the name, say 'on: [ROLE]', or remove the entry.");

    public static readonly FindingCode WindowTooLong = new("inventory.window-too-long", Severity.Error,
        "{subject} is {window}, but {budget} ends after {limit}; expected a shorter window, because it could never be waited out.");

    public static readonly FindingCode NoPeer = new("inventory.no-peer", Severity.Warning,
        "{subject}: all machines of role {role} ({machines}) are on {host}; while that host is empty nothing takes over for them.");

    public static readonly FindingCode NoFloatingAddress = new("inventory.no-floating-address", Severity.Warning,
        "{subject}: the Pacemaker role {role} has no floatingAddress, so that the address really moved is not proved. Add it if the role has one.");

    public static readonly FindingCode PairUnused = new("inventory.pair-unused", Severity.Warning,
        "{subject} has no effect, because no role of this machine is a Pacemaker pair. Remove it.");

    public static readonly FindingCode DesktopUnproved = new("inventory.desktop-unproved", Severity.Warning,
        "{subject} runs on a desktop and names no process, so whether it runs exactly once can only be said by a person. Add process: with the name of its program.");

    public static readonly FindingCode PlainHttp = new("inventory.plain-http", Severity.Warning,
        "{subject} is a http: address, over which the secret travels readable. Use https: where the interface has it.");

    public static readonly FindingCode DependenciesUnnamed = new("inventory.dependencies-unnamed", Severity.Info,
        "{subject}: the inventory does not say where these run: {words}. Before a host is emptied a person is asked whether one of them lives on it. Name the host, or 'outside', for each.");

    public static readonly FindingCode More = new("inventory.more", Severity.Error,
        "{subject} has {count} further findings that are not listed. Correct these first.");

    internal static readonly ImmutableArray<FindingCode> All =
    [
        Unreadable, TooLarge, NotText, Empty, Syntax, Tab, TooDeep, TooMany, NotPlain, Documents, DuplicateKey,
        UnknownKey, MissingKey, ExactlyOne, WrongType, BadValue, SecretValue, SecretInUrl, WrongKind,
        UnknownReference, NamedTwice, HostsTooFew, AddressTwice, FloatingIsOwn, NameTwice, RoleCycle, MachineCycle,
        PairSize, ReplicatedSize, PairOnOneHost, PairsOverlap, WriterUnknown, PlatformUnfit, RoleUnused, ServiceUnused,
        WindowTooLong, NoPeer, NoFloatingAddress, PairUnused, DesktopUnproved, PlainHttp, DependenciesUnnamed, More,
    ];
}
