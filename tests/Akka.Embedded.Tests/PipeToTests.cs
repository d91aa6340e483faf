using Akka.Actor;
using Akka.Embedded.Tests.Support;

namespace Akka.Embedded.Tests;

public sealed class PipeToTests : Spec
{
    [Fact]
    public async Task A_result_is_sent_as_it_is_or_as_success_makes_it()
    {
        await Task.FromResult(5).PipeTo(TestActor);
        ExpectMsg(5);
        await ValueTask.FromResult(6).PipeTo(TestActor);
        ExpectMsg(6);
        await Task.FromResult(7).PipeTo(TestActor, success: i => "ok" + i);
        ExpectMsg("ok7");
    }

    [Fact]
    public async Task An_exception_is_sent_as_a_failure_or_as_failure_makes_it()
    {
        await Task.FromException<int>(new BoomException()).PipeTo(TestActor);
        Assert.IsType<BoomException>(ExpectMsg<Status.Failure>().Cause);
        await Task.FromException(new BoomException("text")).PipeTo(TestActor, failure: e => e.Message);
        ExpectMsg("text");
    }

    [Fact]
    public async Task A_task_without_result_sends_nothing_unless_success_is_given()
    {
        await Task.CompletedTask.PipeTo(TestActor);
        await Task.CompletedTask.PipeTo(TestActor, success: () => "done");
        ExpectMsg("done");
    }

    [Fact]
    public async Task A_cancelled_task_is_a_failure()
    {
        await Task.FromCanceled<int>(new CancellationToken(true)).PipeTo(TestActor);
        Assert.IsType<TaskCanceledException>(ExpectMsg<Status.Failure>().Cause);
    }

    [Fact]
    public async Task What_success_throws_is_piped_as_a_failure()
    {
        await Task.FromResult(5).PipeTo(TestActor, success: _ => throw new BoomException("mapping"));
        Assert.Equal("mapping", ExpectMsg<Status.Failure>().Cause.Message);
    }

    [Fact]
    public async Task Nobody_is_the_sender_unless_one_is_given()
    {
        await Task.FromResult(1).PipeTo(TestActor);
        ExpectMsg(1);
        Assert.Equal(Sys.DeadLetters, LastSender);
        await Task.FromResult(2).PipeTo(TestActor, TestActor);
        ExpectMsgFrom(TestActor, 2);
    }

    [Fact]
    public async Task A_task_that_ends_later_is_piped_then()
    {
        var later = new TaskCompletionSource<string>();
        var piped = later.Task.PipeTo(TestActor);
        Assert.False(HasMessages);
        later.SetResult("later");
        await piped;
        ExpectMsg("later");
    }
}
