using Changeover.Bench;

switch (args)
{
    case ["journal", .. var rest]:
        EdgeBench.Journal(rest is [var folder, ..] ? folder : Path.GetTempPath());
        return 0;
    case ["ssh"]:
        await EdgeBench.Ssh();
        return 0;
    case ["simulation", var file, var pairs]:
        SimulationBench.Pairs(file, int.Parse(pairs, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["traces", var file, var seeds]:
        SimulationBench.Traces(file, int.Parse(seeds, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["path", var journal]:
        PathBench.Print(journal);
        return 0;
    case ["page", var example, .. var parts]:
        await PageBench.Run(example, parts);
        return 0;
    default:
        Console.Error.WriteLine("changeover-bench journal [FOLDER] | ssh | simulation INVENTORY PAIRS | traces INVENTORY SEEDS | path JOURNAL | page EXAMPLE [view] [events] [watchers] [thousand]");
        return 2;
}
