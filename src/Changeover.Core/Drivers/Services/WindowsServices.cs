using System.Text.Json;
using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.Services;

/// <summary>The PowerShell side of services. Level: documented, no Windows has run it.</summary>
public static class WindowsServices
{
    /// <summary>
    /// One line: <c>{"computer":…,"bootTime":…,"now":…,"services":[{"Name","DisplayName","Status","StartType","ProcessId"}],
    /// "processes":[{"Name","Count","Sessions"}]}</c>. Status 1 Stopped, 2 StartPending, 3 StopPending, 4 Running,
    /// 5 ContinuePending, 6 PausePending, 7 Paused, 0 unknown; start type 0 Boot, 1 System, 2 Automatic, 3 Manual, 4 Disabled,
    /// -1 unknown. Processes are named by their image and counted over all sessions.
    /// </summary>
    /// <remarks>Win32_Service knows the process id and its State and StartMode are never translated; Get-Service has no process id.</remarks>
    public const string LookScript = """
        $run=@{'Stopped'=1;'Start Pending'=2;'Stop Pending'=3;'Running'=4;'Continue Pending'=5;'Pause Pending'=6;'Paused'=7}
        $start=@{'Boot'=0;'System'=1;'Auto'=2;'Manual'=3;'Disabled'=4}
        $os=Get-CimInstance Win32_OperatingSystem
        $services=@(Get-CimInstance Win32_Service|ForEach-Object{
        $s=0;if($run.ContainsKey([string]$_.State)){$s=$run[[string]$_.State]}
        $t=-1;if($start.ContainsKey([string]$_.StartMode)){$t=$start[[string]$_.StartMode]}
        New-Object PSObject -Property @{Name=$_.Name;DisplayName=$_.DisplayName;Status=$s;StartType=$t;ProcessId=[int]$_.ProcessId}})
        $processes=@(Get-Process|Group-Object ProcessName|ForEach-Object{
        New-Object PSObject -Property @{Name=$_.Name+'.exe';Count=$_.Count;Sessions=@($_.Group|ForEach-Object{$_.SessionId}|Sort-Object -Unique)}})
        ConvertTo-Json -Compress -Depth 4 -InputObject (New-Object PSObject -Property @{computer=$env:COMPUTERNAME
        bootTime=$os.LastBootUpTime.ToUniversalTime().ToString('o');now=[DateTime]::UtcNow.ToString('o')
        services=$services;processes=$processes})
        """;

    public const string LookVerb = "get-services";
    public const string StartVerb = "start-service";
    public const string StopVerb = "stop-service";

    /// <summary>PowerShell alone takes seconds to start on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static readonly ImmutableArray<string> Look = PowerShell.Arguments(LookVerb, LookScript);

    /// <summary>
    /// Starts or stops the one service with this short name, or else this display name, and does not wait for the end.
    /// Prints <c>{"accepted":true}</c>, or <c>{"refused":"why","code":N}</c> with the system's error code (0: none).
    /// </summary>
    public static ImmutableArray<string> Set(string name, bool run) => PowerShell.Arguments(
        run ? StartVerb : StopVerb,
        $$"""
        $n={{PowerShell.Quote(name)}}
        try{
        $all=@(Get-Service)
        $found=@($all|Where-Object{$_.Name -eq $n})
        if($found.Count -eq 0){$found=@($all|Where-Object{$_.DisplayName -eq $n})}
        if($found.Count -ne 1){ConvertTo-Json -Compress @{refused="$($found.Count) services are called $n";code=1060};exit 3}
        $s=$found[0]
        {{(run
            ? "if($s.Status -ne 'Running' -and $s.Status -ne 'StartPending'){$s.Start()}"
            : "if($s.Status -ne 'Stopped' -and $s.Status -ne 'StopPending'){Stop-Service -InputObject $s -NoWait}")}}
        '{"accepted":true}'
        }catch{
        $e=$_.Exception;while($e.InnerException){$e=$e.InnerException}
        ConvertTo-Json -Compress @{refused=[string]$e.Message;code=[int]$e.NativeErrorCode};exit 4}
        """,
        "name", name);

    /// <summary>System error codes that mean: nothing was done. 5 access denied, 1051 others depend on it, 1052 and 1061 cannot
    /// take it now, 1058 disabled, 1060 no such service, 1068 one it needs does not start, 1069 logon failed, 1072 being removed.</summary>
    private static readonly ImmutableArray<int> Refusals = [2, 3, 5, 1051, 1052, 1058, 1060, 1061, 1068, 1069, 1072];

    /// <summary>The states in the order of the inventory; null when the text is not one whole line.</summary>
    internal static ServiceFacts? Read(string text, string machine, IEnumerable<Service> asked)
    {
        using var answer = PowerShell.Answer(text);
        if (answer?.RootElement is not { } root
            || root.Text("computer") is not { Length: > 0 }
            || root.Text("bootTime") is not { Length: > 0 }
            || Rows(root, "services") is not { } services)
            return null;
        var processes = Rows(root, "processes");
        return new ServiceFacts([.. asked.Select(s => s.Form == ServiceForm.Desktop ? Desktop(machine, s, processes) : Installed(machine, s, services))])
        {
            Manager = ServiceManager.Windows,
        };
    }

    /// <summary>PowerShell writes a list of one as an object.</summary>
    private static ImmutableArray<JsonElement>? Rows(JsonElement root, string name) => root.Member(name) switch
    {
        { ValueKind: JsonValueKind.Object } one => [one],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(r => r.ValueKind == JsonValueKind.Object && r.Text("Name") is not null) =>
            [.. list.EnumerateArray()],
        _ => null,
    };

    private static ServiceState Installed(string machine, Service service, ImmutableArray<JsonElement> rows)
    {
        var found = Named(rows, "Name", service.Name);
        if (found.IsEmpty)
            found = Named(rows, "DisplayName", service.Name);
        if (found.IsEmpty)
            return new(service.Name, ServiceRun.NotInstalled, ServiceStart.Unknown, "no such service");
        if (found.Length > 1)
        {
            return new(service.Name, ServiceRun.Unknown, ServiceStart.Unknown, $"{found.Length} services")
            {
                Problem = ServicesFindings.Ambiguous.On(machine, "service", service.Name, "count", $"{found.Length}"),
            };
        }
        var status = Word(found[0], "Status");
        return new(service.Name, Run(status), Start(Word(found[0], "StartType")), status);
    }

    private static ImmutableArray<JsonElement> Named(ImmutableArray<JsonElement> rows, string member, string name) =>
        [.. rows.Where(r => string.Equals(r.Text(member), name, StringComparison.OrdinalIgnoreCase))];

    /// <summary>A number or a word as one text without blanks: 5.1 writes numbers, newer ones words.</summary>
    private static string Word(JsonElement row, string name) =>
        row.Text(name)?.Replace(" ", "", StringComparison.Ordinal) ?? (row.Number(name) is { } number ? $"{number}" : "");

    private static ServiceRun Run(string status) => status switch
    {
        "1" or "Stopped" => ServiceRun.Stopped,
        "2" or "StartPending" or "5" or "ContinuePending" => ServiceRun.Starting,
        "3" or "StopPending" => ServiceRun.Stopping,
        "4" or "Running" => ServiceRun.Running,
        // Paused is neither: it holds its sessions and does not work.
        _ => ServiceRun.Unknown,
    };

    private static ServiceStart Start(string type) => type switch
    {
        "0" or "Boot" or "1" or "System" or "2" or "Automatic" or "Auto" or "AutomaticDelayedStart" => ServiceStart.Automatic,
        "3" or "Manual" => ServiceStart.Manual,
        "4" or "Disabled" => ServiceStart.Disabled,
        _ => ServiceStart.Unknown,
    };

    /// <summary>A program on a desktop: exactly one process proves it. How it starts at boot is the logon's business, unknown here.</summary>
    internal static ServiceState Desktop(string machine, Service service, ImmutableArray<JsonElement>? processes)
    {
        if (service.Process.Length == 0 || processes is not { } rows)
        {
            return new(service.Name, ServiceRun.Unknown, ServiceStart.Unknown, "its process is not seen")
            {
                Problem = ServicesFindings.NoProcess.On(machine, "service", service.Name),
            };
        }
        var found = rows.Where(r => string.Equals(Image(r.Text("Name")!), Image(service.Process), StringComparison.OrdinalIgnoreCase)).ToImmutableArray();
        if (found.Any(r => r.Number("Count") is not >= 1))
            return new(service.Name, ServiceRun.Unknown, ServiceStart.Unknown, "its process has no count");
        var count = (int)Math.Min(found.Sum(r => r.Number("Count")!.Value), int.MaxValue);
        return count switch
        {
            0 => new(service.Name, ServiceRun.Stopped, ServiceStart.Unknown, "no process"),
            1 => new(service.Name, ServiceRun.Running, ServiceStart.Unknown, "one process"),
            _ => new(service.Name, ServiceRun.Unknown, ServiceStart.Unknown, $"{count} processes")
            {
                Problem = ServicesFindings.StartedTwice.On(
                    machine, "service", service.Name, "process", service.Process, "count", $"{count}", "sessions", Sessions(found)),
            },
        };
    }

    private static string Image(string name) => name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;

    private static string Sessions(ImmutableArray<JsonElement> rows)
    {
        var sessions = rows.SelectMany(r => r.Member("Sessions").Items() ?? []).Select(s => s.ToString()).Order(StringComparer.Ordinal);
        return string.Join(", ", sessions) is { Length: > 0 } text ? text : "not listed";
    }

    internal static Reception Heard(Result result)
    {
        using var answer = PowerShell.Answer(result.Output);
        if (answer?.RootElement.Text("refused") is { } why)
        {
            var code = answer.RootElement.Number("code") ?? 0;
            var words = code > 0 ? $"{Excerpt.Of(why)} (error {code})" : Excerpt.Of(why);
            return new(Refusals.Contains((int)Math.Clamp(code, 0, int.MaxValue)) ? ReceptionKind.Refused : ReceptionKind.Unclear, words);
        }
        if (result.Code == 0 && (answer is null ? result.Output.Trim().Length == 0 : answer.RootElement.Member("accepted") is { ValueKind: JsonValueKind.True }))
            return Reception.Accepted;
        // The error's id is never translated.
        return new(
            result.Error.Contains("NoServiceFoundForGivenName", StringComparison.Ordinal) ? ReceptionKind.Refused : ReceptionKind.Unclear,
            Excerpt.Of(result));
    }
}
