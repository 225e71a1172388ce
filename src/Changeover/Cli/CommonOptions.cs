using System.CommandLine;
using Changeover.Running;
using Changeover.Transport;

namespace Changeover.Cli;

/// <summary>Options every command that touches a cluster has.</summary>
public sealed class CommonOptions
{
    private readonly Option<string> inventory = new("--inventory", "-i") { Description = "The inventory file.", DefaultValueFactory = _ => "cluster.yaml" };
    private readonly Option<string> journal = new("--journal") { Description = "The journal (default: one file per cluster in the state folder).", DefaultValueFactory = _ => "" };
    private readonly Option<string> world = new Option<string>("--world") { Description = "real, or simulated: a cluster that exists only here.", DefaultValueFactory = _ => "real" }.AcceptOnlyFromAmong("real", "simulated");
    private readonly Option<bool> fresh = new("--fresh") { Description = "Simulated: start the cluster and its journal anew." };
    private readonly Option<double> speed = new("--speed") { Description = "Simulated: seconds there for one second here.", DefaultValueFactory = _ => 20 };
    private readonly Option<string> person = new Option<string>("--person") { Description = "Simulated: present carries out manual steps, absent leaves them to you.", DefaultValueFactory = _ => "present" }.AcceptOnlyFromAmong("present", "absent");
    private readonly Option<string> sshConfig = new("--ssh-config") { Description = "An ssh_config instead of yours ('none': no file at all).", DefaultValueFactory = _ => "" };
    private readonly Option<string> identity = new("--identity") { Description = "An ssh private key instead of yours.", DefaultValueFactory = _ => "" };
    private readonly Option<string> knownHosts = new("--known-hosts") { Description = "A known_hosts file instead of yours.", DefaultValueFactory = _ => "" };
    private readonly Option<bool> json = new("--json") { Description = "For scripts: JSON, see docs/json.md." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { inventory, journal, world, fresh, speed, person, sshConfig, identity, knownHosts, json })
            command.Options.Add(option);
    }

    public bool Json(ParseResult parse) => parse.GetValue(json);

    public SiteOptions Read(ParseResult parse) => new()
    {
        Inventory = parse.GetValue(inventory)!,
        Journal = parse.GetValue(journal)!,
        Simulated = parse.GetValue(world) == "simulated",
        Fresh = parse.GetValue(fresh),
        Speed = Math.Clamp(parse.GetValue(speed), 1, 1000),
        PersonAbsent = parse.GetValue(person) == "absent",
        Ssh = new SshOptions(parse.GetValue(sshConfig)!, parse.GetValue(identity)!, parse.GetValue(knownHosts)!),
    };
}
