namespace Changeover.Lab.Lifecycle;

/// <summary>Only one command at a time brings the lab up or down.</summary>
public static class LabLock
{
    public static IDisposable Take()
    {
        Directory.CreateDirectory(LabPaths.Cache);
        try
        {
            return new FileStream($"{LabPaths.Cache}/lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new LabException(1, "another lab command is bringing the lab up or down; wait for it to end");
        }
    }
}
