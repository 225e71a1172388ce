using System.Text;
using System.Text.Json.Nodes;
using Changeover.Serving;

namespace Changeover.Tests.Serving;

/// <summary>What many ask for at once is worked out once, and never told of something else or of long ago.</summary>
public sealed class LatelyTests
{
    private sealed class Clock : TimeProvider
    {
        public long Milliseconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Milliseconds;
    }

    private readonly Clock clock = new();
    private readonly Lately lately;
    private readonly object state = new();
    private int made;

    public LatelyTests() => lately = new(clock);

    private string Ask(object of, string question = "cluster German") => Encoding.UTF8.GetString(lately.Json(question, of, () => new JsonObject { ["made"] = ++made }));

    [Fact]
    public void Who_asks_for_the_same_has_the_same()
    {
        Assert.Equal("{\"made\":1}", Ask(state));
        clock.Milliseconds = 249;
        Assert.Equal("{\"made\":1}", Ask(state));
    }

    [Fact]
    public void Of_another_state_it_is_made_anew()
    {
        Ask(state);
        Assert.Equal("{\"made\":2}", Ask(new object()));
    }

    [Fact]
    public void Ages_in_it_are_never_older_than_a_quarter_of_a_second()
    {
        Ask(state);
        clock.Milliseconds = 250;
        Assert.Equal("{\"made\":2}", Ask(state));
    }

    [Fact]
    public void Each_question_has_its_own_answer()
    {
        Ask(state);
        Assert.Equal("{\"made\":2}", Ask(state, "cluster English"));
        Assert.Equal("{\"made\":1}", Ask(state));
    }
}
