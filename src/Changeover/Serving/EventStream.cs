using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Changeover.Serving;

/// <summary>
/// Server-sent events (WHATWG HTML, "Server-sent events"): <c>journal</c> with the entry's sequence number as id, so that a browser that
/// lost its connection goes on where it was; <c>live</c> with where the run stands; <c>cluster</c> when there is another picture;
/// <c>beat</c> when there is nothing else to tell, for a browser hears no comments: who hears nothing at all has no connection, though it looks open.
/// </summary>
public static class EventStream
{
    /// <summary>How long nothing is said; a person who was signed out is noticed by then.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    /// <summary>Says by when something is said again, in seconds: what is silent for much longer is lost.</summary>
    private static readonly byte[] Beat = Frame("beat", Silence.TotalSeconds.ToString(CultureInfo.InvariantCulture));

    /// <summary>No Last-Event-ID: this many of the newest entries, enough for what a person looks at first.</summary>
    private const int Newest = 500;

    /// <param name="isAllowed">Asked again and again: a person who may not any more is told nothing more.</param>
    public static async Task Write(HttpContext http, Desk desk, Watching watching, Func<bool> isAllowed, Ct ct)
    {
        var since = Since(http.Request, desk);
        var language = Gatekeeper.Asked(http);
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var joined = watching.Join();
        http.Response.BodyWriter.Write("retry: 1000\n\n"u8);
        http.Response.BodyWriter.Write(Beat);
        Watching.Now? told = null;
        var asked = Stopwatch.StartNew();
        while (!ct.IsCancellationRequested)
        {
            if (asked.Elapsed >= Silence)
            {
                if (!isAllowed())
                    return;
                asked.Restart();
            }
            var (now, changed) = watching.Read();
            // Whoever found the news has read them, and written them for everybody.
            foreach (var entry in desk.Tail.Known(since))
            {
                http.Response.BodyWriter.Write(entry.In(language));
                since = entry.Sequence;
            }
            if (now.Live(language) != told?.Live(language))
                http.Response.BodyWriter.Write(now.LiveFrame(language));
            if (now.Picture != told?.Picture)
                http.Response.BodyWriter.Write(now.PictureFrame);
            told = now;
            await http.Response.BodyWriter.FlushAsync(ct);
            try
            {
                await changed.WaitAsync(Silence, ct);
            }
            catch (TimeoutException)
            {
                http.Response.BodyWriter.Write(Beat);
            }
        }
    }

    /// <summary>One event as it is sent.</summary>
    /// <param name="data">One line.</param>
    /// <param name="id">Zero: a browser that comes back does not go on from here.</param>
    public static byte[] Frame(string kind, string data, long id = 0) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(id > 0 ? $"id: {id}\n" : "")}event: {kind}\ndata: {data}\n\n"));

    private static long Since(HttpRequest request, Desk desk)
    {
        var last = request.Headers["Last-Event-ID"].ToString();
        if (last.Length == 0)
            last = request.Query["since"].ToString();
        var newest = desk.Tail.Newest();
        if (last.Length == 0)
            return Math.Max(0, newest - Newest);
        // One from the future belongs to another journal: from the beginning then.
        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var since) && since <= newest
            ? since
            : 0;
    }
}
