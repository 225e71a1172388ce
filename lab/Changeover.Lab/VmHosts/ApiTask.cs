using System.Text.Json;

namespace Changeover.Lab.VmHosts;

/// <summary>A task of a VM host as it is kept on disk: a restarted server still knows how it ended.</summary>
/// <param name="ExitStatus">"OK" or the error; null while it runs.</param>
public sealed record ApiTask(string Upid, string Node, string Type, string Id, int Pid, long StartTime, string? ExitStatus, long? EndTime);

/// <summary>Runs the actions of one VM host in the background and remembers them.</summary>
public sealed class ApiTasks(VmHost host)
{
    /// <summary>Proxmox VE waits this long for a machine that another task has locked.</summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(10);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<int, SemaphoreSlim> _locks = new();
    private int _number;

    private string Folder => $"{LabPaths.HostDirectory(host)}/tasks";

    /// <summary>A server that ended took its running tasks with it.</summary>
    public void CloseInterrupted()
    {
        Directory.CreateDirectory(Folder);
        foreach (var task in All().Where(t => t.ExitStatus is null))
            Save(task with { ExitStatus = "unexpected status", EndTime = DateTimeOffset.UtcNow.ToUnixTimeSeconds() });
    }

    public string Start(string type, int vmId, Func<Task> work)
    {
        var now = DateTimeOffset.UtcNow;
        var number = Interlocked.Increment(ref _number);
        var upid = $"UPID:{host.Name}:{Environment.ProcessId:X8}:{number:X8}:{now.ToUnixTimeSeconds():X8}:{type}:{vmId}:{Credentials.TokenId}:";
        var task = new ApiTask(upid, host.Name, type, $"{vmId}", Environment.ProcessId, now.ToUnixTimeSeconds(), null, null);
        Save(task);
        _ = Task.Run(async () =>
        {
            var status = "OK";
            var gate = _locks.GetOrAdd(vmId, _ => new(1, 1));
            if (await gate.WaitAsync(LockWait))
            {
                try
                {
                    await work();
                }
                catch (Exception e)
                {
                    status = e.Message.Split('\n')[0];
                    Console.WriteLine($"{upid}: {e}");
                }
                finally
                {
                    gate.Release();
                }
            }
            else
            {
                status = $"can't lock file '/var/lock/qemu-server/lock-{vmId}.conf' - got timeout";
            }

            Save(task with { ExitStatus = status, EndTime = DateTimeOffset.UtcNow.ToUnixTimeSeconds() });
            Console.WriteLine($"{DateTimeOffset.UtcNow:O} {upid} {status}");
        });
        return upid;
    }

    public ApiTask? Find(string upid) =>
        File.Exists(FileOf(upid)) ? JsonSerializer.Deserialize<ApiTask>(File.ReadAllText(FileOf(upid))) : null;

    public IEnumerable<ApiTask> All() =>
        Directory.EnumerateFiles(Folder, "*.json").Select(f => JsonSerializer.Deserialize<ApiTask>(File.ReadAllText(f))!).OrderByDescending(t => t.StartTime);

    private string FileOf(string upid) => $"{Folder}/{string.Concat(upid.Select(c => char.IsLetterOrDigit(c) ? c : '_'))}.json";

    private void Save(ApiTask task)
    {
        var file = FileOf(task.Upid);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(task));
        File.Move(file + ".new", file, overwrite: true);
    }
}
