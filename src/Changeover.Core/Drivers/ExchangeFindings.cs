using Changeover.Findings;

namespace Changeover.Drivers;

/// <summary>What can go wrong on the way to a machine or an interface and back.</summary>
public static class ExchangeFindings
{
    public static readonly FindingCode NotSent = new("exchange.not-sent", Severity.Error,
        "{subject} could not be asked: {why}. Nothing was changed by this. Check that it is on and reachable from here.");

    public static readonly FindingCode NoAnswer = new("exchange.no-answer", Severity.Error,
        "{subject} was asked and did not answer: {why}. What was asked may still have happened, so it is looked at again before anything else is done.");

    public static readonly FindingCode Unreadable = new("exchange.unreadable", Severity.Error,
        "{subject} answered something that could not be understood ({what}): {text}. Its state counts as unknown. Run the command by hand and compare it with docs/drivers.");

    public static readonly FindingCode Failed = new("exchange.command-failed", Severity.Error,
        "{subject}: {what} ended with code {exit}: {text}. Its state counts as unknown.");

    public static readonly FindingCode HostKeyUnknown = new("exchange.host-key-unknown", Severity.Error,
        "{subject} has no known host key, so nobody can say who would answer: {why}. Compare its key on the console, then add it to known_hosts.");

    public static readonly FindingCode HostKeyChanged = new("exchange.host-key-changed", Severity.Danger,
        "{subject} shows another host key than the known one; another machine may be answering at its address: {why}. Find out why before touching anything.");

    public static readonly FindingCode LoginRefused = new("exchange.login-refused", Severity.Error,
        "{subject} refuses the login: {why}. Check user and key for this machine in the inventory, and authorized_keys there.");

    public static readonly FindingCode SudoAsks = new("exchange.sudo-asks", Severity.Error,
        "{subject}: sudo wants a password or does not allow the command: {why}. Install the sudoers file of docs/rights.md on the machine.");

    public static readonly FindingCode WrongHost = new("exchange.wrong-host", Severity.Danger,
        "{subject}: another machine answered: {why}. Commands never go to a machine that is not the one meant. Correct the address in the inventory.");

    public static readonly FindingCode Certificate = new("exchange.certificate-invalid", Severity.Error,
        "{subject} shows a certificate that is not trusted: {why}. Give the right certificateAuthority in the inventory; checking is never switched off.");

    public static readonly FindingCode SecretMissing = new("exchange.secret-missing", Severity.Error,
        "{subject} needs a secret that could not be read: {why}. Set it where the inventory's reference says.");

    public static readonly FindingCode ClaimLost = new("exchange.claim-lost", Severity.Danger,
        "{subject} no longer carries the claim of this run: {why}. This run may not act any more. Find out who took it over.");

    public static readonly FindingCode RefusedOtherwise = new("exchange.refused", Severity.Error,
        "{subject} refuses: {why}.");

    public static Finding Refusal(string target, Reply.Refused refused) => (refused.Kind switch
    {
        RefusalKind.HostKeyUnknown => HostKeyUnknown,
        RefusalKind.HostKeyChanged => HostKeyChanged,
        RefusalKind.LoginRefused => LoginRefused,
        RefusalKind.SudoAsksPassword => SudoAsks,
        RefusalKind.WrongHost => WrongHost,
        RefusalKind.CertificateInvalid => Certificate,
        RefusalKind.SecretMissing => SecretMissing,
        RefusalKind.ClaimLost => ClaimLost,
        _ => RefusedOtherwise,
    }).On(target, "why", refused.Why);

    internal static readonly ImmutableArray<FindingCode> All =
        [NotSent, NoAnswer, Unreadable, Failed, HostKeyUnknown, HostKeyChanged, LoginRefused, SudoAsks, WrongHost, Certificate, SecretMissing, ClaimLost, RefusedOtherwise];
}
