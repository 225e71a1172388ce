using Changeover.Drivers;
using Changeover.Knowledge;
using Changeover.Planning;
using Changeover.Running;
using Changeover.Transport;
using static Changeover.Tests.Running.PairedRun;

namespace Changeover.Tests.Running;

/// <summary>What becomes of a person's word on its way to the loop: whoever said it learns whether it is in the journal.</summary>
public sealed class RunnerTests : IDisposable
{
    private static readonly Step Set = Deed("set", new SetService("st1", "a", Run: true));

    private readonly CancellationTokenSource leave = new(TimeSpan.FromMinutes(5));
    private readonly List<RunEvent> journal = [];
    private readonly Runner runner;
    private Exception? full;

    public RunnerTests() => runner = new(AllDrivers.Set, new Unanswered(), new Standing(), Append, (_, _) => { });

    public void Dispose() => leave.Dispose();

    private void Append(ImmutableArray<RunEvent> events)
    {
        if (full is not null)
            throw full;
        journal.AddRange(events);
    }

    private Posted Say(Answer answer) => runner.Post(at => new Decided(at, "set", answer, "anna", "because"));

    [Fact]
    public async Task Of_two_words_to_one_halt_the_second_hears_that_nothing_came_of_it()
    {
        var (first, second) = (Say(Answer.Retry), Say(Answer.Retry));
        var run = runner.Run(Of(Set).Halted("set"), _ => false, leave.Token);

        Assert.Single((await first.Within(TimeSpan.MaxValue))!.Value.OfType<Decision>());
        Assert.Empty((await second.Within(TimeSpan.MaxValue))!.Value);
        Assert.Single(journal.OfType<Decision>());
        await leave.CancelAsync();
        await run;
    }

    [Fact]
    public async Task What_is_said_after_the_end_or_with_it_is_not_taken_in()
    {
        var (abort, late) = (Say(Answer.Abort), Say(Answer.Retry));
        await runner.Run(Of(Set).Halted("set"), _ => false, leave.Token);

        Assert.Single((await abort.Within(TimeSpan.MaxValue))!.Value.OfType<Decision>());
        Assert.Empty((await late.Within(TimeSpan.MaxValue))!.Value);
        Assert.Null(await Say(Answer.Retry).Within(TimeSpan.MaxValue));
        Assert.Single(journal.OfType<Decision>());
    }

    /// <summary>As while a terminal asks its person: the loop goes on only behind the question.</summary>
    [Fact]
    public async Task What_nobody_took_in_for_so_long_does_not_count_any_more()
    {
        await runner.Run(Of(Set).Halted("set"), state => state.IsHalted, leave.Token);
        Assert.Null(await Say(Answer.Retry).Within(TimeSpan.Zero));
        var abort = Say(Answer.Abort);
        await runner.Run(Of(Set).Halted("set"), _ => false, leave.Token);

        Assert.NotNull(await abort.Within(TimeSpan.MaxValue));
        Assert.Equal([Answer.Abort], journal.OfType<Decision>().Select(d => d.Answer));
    }

    [Fact]
    public async Task A_word_that_the_journal_has_no_room_for_is_not_recorded()
    {
        full = new IOException("no room");
        var said = Say(Answer.Retry);

        await Assert.ThrowsAsync<IOException>(() => runner.Run(Of(Set).Halted("set"), _ => false, leave.Token));
        Assert.Null(await said.Within(TimeSpan.MaxValue));
        Assert.Null(await Say(Answer.Retry).Within(TimeSpan.MaxValue));
    }

    private sealed class Standing : RunClock
    {
        public override Moment Now => PairedRun.Now;

        public override TimeSpan Real(TimeSpan span) => span;
    }

    /// <summary>No question and no action is ever answered.</summary>
    private sealed class Unanswered : ITransport
    {
        public Task<Reply> Exchange(Request request, Ct ct) => new TaskCompletionSource<Reply>().Task;
    }
}
