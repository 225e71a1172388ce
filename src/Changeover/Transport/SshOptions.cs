namespace Changeover.Transport;

/// <summary>
/// What of the user's own ssh set-up is replaced. The default replaces nothing: ssh_config, agent, known_hosts and ProxyJump
/// apply as the operator knows them. Tests and the lab name their own files.
/// </summary>
/// <param name="ConfigFile">ssh_config instead of the user's; <c>none</c>: no file at all; empty: the user's.</param>
/// <param name="Identity">Private key used alone; empty: what ssh_config and agent offer.</param>
/// <param name="KnownHosts">known_hosts used alone; empty: the user's and the system's.</param>
/// <param name="Program">The ssh program, OpenSSH 8.4 or newer.</param>
public sealed record SshOptions(string ConfigFile = "", string Identity = "", string KnownHosts = "", string Program = "ssh")
{
    /// <summary>Requests at a time to one machine. sshd allows ten sessions a connection by default (MaxSessions); two are left to spare.</summary>
    public const int AtATime = 8;
}
