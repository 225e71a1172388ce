using System.Globalization;
using System.Text.Json;

namespace Changeover.Drivers.Client;

/// <summary>The PowerShell side of the client's proof. Level: documented, no Windows has run it.</summary>
/// <remarks>
/// A login by key has no password to pass on, so over SSH only a share that admits guests can be proved this way.
/// </remarks>
public static class WindowsClient
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Prints <c>{"readable":true,"writable":true,"detail":""}</c>.</summary>
    /// <param name="share">As the inventory names it, for example <c>//10.0.0.20/acd</c>.</param>
    public static ImmutableArray<string> Share(string share, string file)
    {
        var path = share.Replace('/', '\\');
        return PowerShell.Arguments(
            ClientDriver.ProveVerb,
            $$"""
            $p={{PowerShell.Quote(path)}};$f=Join-Path $p {{PowerShell.Quote(file)}};$r=$false;$w=$false;$d=''
            try{
            $null=@(Get-ChildItem -LiteralPath $p -Force|Select-Object -First 1);$r=$true
            $t=[Guid]::NewGuid().ToString();[IO.File]::WriteAllText($f,$t)
            $same=[IO.File]::ReadAllText($f) -eq $t;[IO.File]::Delete($f)
            $w=$same
            }catch{$d=[string]$_.Exception.Message}
            ConvertTo-Json -Compress @{readable=$r;writable=$w;detail=$d}
            """,
            "what", ClientDriver.ShareKey, "share", path, "file", file);
    }

    /// <summary>Prints <c>{"received":"4a0000000a…","detail":""}</c>, the first bytes as <see cref="ClientDriver.GreetingScript"/>.</summary>
    public static ImmutableArray<string> Database(string address, int port)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        return PowerShell.Arguments(
            ClientDriver.ProveVerb,
            $$"""
            $x='';$d='';$c=New-Object Net.Sockets.TcpClient
            try{
            if(-not $c.ConnectAsync({{PowerShell.Quote(address)}},{{number}}).Wait(5000)){throw 'no connection within 5 seconds'}
            $s=$c.GetStream();$s.ReadTimeout=5000
            $b=[Convert]::FromBase64String('{{Convert.ToBase64String(Login)}}');$s.Write($b,0,$b.Length)
            $g=New-Object byte[] 200;$n=0
            try{while($n -lt 200){$k=$s.Read($g,$n,200-$n);if($k -le 0){break};$n+=$k}
            }catch{}
            if($n -gt 0){$x=[BitConverter]::ToString($g,0,$n).Replace('-','').ToLower()}
            }catch{$e=$_.Exception;while($e.InnerException){$e=$e.InnerException};$d=[string]$e.Message}finally{$c.Close()}
            ConvertTo-Json -Compress @{received=$x;detail=$d}
            """,
            "what", ClientDriver.DatabaseKey, "address", address, "port", number);
    }

    /// <summary>The same login as in <see cref="ClientDriver.GreetingScript"/>.</summary>
    private static readonly byte[] Login =
    [
        0x2c, 0, 0, 1, 0x01, 0x82, 0, 0, 0, 0, 0, 1, 0x21,
        .. new byte[23],
        .. "changeover"u8, 0, 0,
    ];

    internal static (string? Readable, string? Writable, string? Detail) Share(Result? result)
    {
        using var answer = result is { Code: 0 } ? PowerShell.Answer(result.Output) : null;
        return answer?.RootElement is { } root
            ? (Word(root.Member("readable")), Word(root.Member("writable")), root.Text("detail"))
            : default;
    }

    internal static (bool? Answers, string? Detail) Database(Result? result)
    {
        using var answer = result is { Code: 0 } ? PowerShell.Answer(result.Output) : null;
        return answer?.RootElement is { } root && root.Text("received") is { } bytes && root.Text("detail") is { } words
            ? ClientDriver.Greeting(bytes, words)
            : default;
    }

    private static string? Word(JsonElement? value) => value?.ValueKind switch
    {
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => null,
    };
}
