namespace Changeover.Lab.Images;

/// <summary>Everything the machines run from, named by its build inputs and never changed after it was built.</summary>
/// <param name="Kernel">What the stores' image was built for.</param>
public sealed record ImageSet(string Path, Kernel Kernel)
{
    public string Common => $"{Path}/common";

    public string StoreRoot => $"{Path}/store-root.img";

    public string StoreData => $"{Path}/store-data.img";

    /// <summary>The layers of a container, topmost first.</summary>
    public ImmutableArray<string> LayersOf(Machine m) => [$"{Path}/{LayerName(m)}", Common, PackageTree.Containers.Path];

    /// <summary>Builds what is missing.</summary>
    public static async Task<ImageSet> Ensure(Progress progress)
    {
        var kernel = await Kernel.Ensure(progress);
        await Task.WhenAll(((PackageTree[])[PackageTree.Containers, PackageTree.Stores]).Where(t => !t.Exists).Select(t => t.Build(progress)));
        string[] inputs = [PackageTree.Containers.Path, PackageTree.Stores.Path, kernel.Packages.Path, kernel.Version, .. BuildInputs.TreeAndRecipes()];
        var images = new ImageSet($"{LabPaths.Cache}/images/{BuildInputs.Digest(inputs)}", kernel);
        if (!Directory.Exists(images.Path)) await images.Build(progress);
        return images;
    }

    /// <summary>Removes images and trees of older inputs; a running lab would still need them.</summary>
    public async Task Prune()
    {
        string[] kept = [Path, PackageTree.Containers.Path, PackageTree.Stores.Path, Kernel.Packages.Path];
        foreach (var parent in (string[])[$"{LabPaths.Cache}/images", $"{LabPaths.Cache}/packages"])
            foreach (var old in Directory.Exists(parent) ? Directory.EnumerateDirectories(parent).Except(kept) : [])
                await Command.MustWithin(TimeSpan.FromMinutes(2), "rm", "-rf", "--one-file-system", old);
    }

    private async Task Build(Progress progress)
    {
        progress.Say("images: built once for these inputs");
        var unfinished = this with { Path = Path + ".unfinished" };
        await Command.Must("rm", "-rf", unfinished.Path);
        Directory.CreateDirectory(unfinished.Path);

        var stores = unfinished.BuildStores();
        await Layer.Make(unfinished.Common, [PackageTree.Containers.Path], CommonLayer.Fill);
        var containers = Topology.Machines.Where(m => !m.IsStore).GroupBy(unfinished.LayerName).Select(g => g.First());
        foreach (var m in containers)
        {
            await Layer.Make($"{unfinished.Path}/{unfinished.LayerName(m)}", [unfinished.Common, PackageTree.Containers.Path], l => Fill(l, m));
            progress.Say($"images: {unfinished.LayerName(m)}");
        }

        await stores;
        progress.Say("images: stores");
        Directory.Move(unfinished.Path, Path);
    }

    private async Task BuildStores()
    {
        var layer = $"{Path}/store";
        await Layer.Make(layer, [PackageTree.Stores.Path],
            async l =>
            {
                await StoreImage.Fill(l, Kernel);
                await StoreImage.WriteData(l, StoreData);
            },
            l => StoreImage.WriteRoot(l, StoreRoot));
    }

    /// <summary>Machines of one kind share a layer; each database machine has its own data directory.</summary>
    private string LayerName(Machine m) => m.Kind is MachineKind.Database or MachineKind.Replica ? m.Name : m.Kind.ToString().ToLowerInvariant();

    private static async Task Fill(Layer layer, Machine m)
    {
        switch (m.Kind)
        {
            case MachineKind.Balancer:
                layer.Copy("lb");
                await PacemakerConfiguration.Write(layer);
                await layer.Systemctl("enable", "corosync.service", "pacemaker.service", "haproxy.service");
                break;
            case MachineKind.Database or MachineKind.Replica:
                await DatabaseLayer.Fill(layer, m);
                break;
            case MachineKind.Telephony:
                layer.Copy("tel");
                await layer.Shell("ln -s powershell /usr/local/bin/powershell.exe");
                await layer.Systemctl("enable", "robot5.service", "jtelUDPListener.service", "jtelIMAPMailService.service");
                break;
            case MachineKind.Web:
                layer.Copy("web");
                await layer.Systemctl("enable", "wildfly.service");
                break;
            case MachineKind.Chat:
                layer.Copy("chat");
                await layer.Systemctl("enable", "jtel-clientmessenger.service");
                break;
            case MachineKind.Api:
                layer.Copy("api");
                await layer.Systemctl("enable", "jtelrest.service");
                break;
            case MachineKind.Monitoring:
                await MonitoringLayer.Fill(layer);
                break;
            default:
                throw new LabException(1, $"machine {m.Name}: a {m.Kind} has no layer");
        }
    }
}
