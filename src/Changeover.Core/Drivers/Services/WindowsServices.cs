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
}
