using Changeover.Bench;

switch (args)
{
    case ["journal", .. var rest]:
        EdgeBench.Journal(rest is [var folder, ..] ? folder : Path.GetTempPath());
        return 0;
    case ["ssh"]:
        await EdgeBench.Ssh();
        return 0;
    default:
        Console.Error.WriteLine("changeover-bench journal [FOLDER] | ssh");
        return 2;
}
