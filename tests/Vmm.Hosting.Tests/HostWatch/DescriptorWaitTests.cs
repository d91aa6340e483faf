using System.IO.Pipes;
using Vmm.Hosting.HostWatch;

namespace Vmm.Hosting.Tests.HostWatch;

public sealed class DescriptorWaitTests : IDisposable
{
    private readonly AnonymousPipeServerStream _writer = new(PipeDirection.Out, HandleInheritability.None);
    private readonly AnonymousPipeClientStream _reader;
    private readonly DescriptorWait _wait;

    public DescriptorWaitTests()
    {
        _reader = new AnonymousPipeClientStream(PipeDirection.In, _writer.ClientSafePipeHandle);
        _wait = new DescriptorWait(_reader.SafePipeHandle.DangerousGetHandle().ToInt32());
    }

    [Fact]
    public void A_descriptor_with_something_to_read_ends_the_wait()
    {
        _writer.WriteByte(1);

        Assert.Equal(Wake.Readable, _wait.Wait(null));
    }

    [Fact]
    public void No_event_in_the_time_given_is_quiet() => Assert.Equal(Wake.Quiet, _wait.Wait(TimeSpan.Zero));

    [Fact]
    public void A_stop_ends_this_wait_and_the_next_even_with_events_waiting()
    {
        _writer.WriteByte(1);
        _wait.Stop();

        Assert.Equal(Wake.Stopped, _wait.Wait(null));
        Assert.Equal(Wake.Stopped, _wait.Wait(null));
    }

    [Fact]
    public async Task A_stop_reaches_a_thread_that_waits_for_ever()
    {
        var answer = new TaskCompletionSource<Wake>();
        var waiter = new Thread(() => answer.SetResult(_wait.Wait(null))) { IsBackground = true };
        waiter.Start();
        _wait.Stop();

        Assert.Equal(Wake.Stopped, await answer.Task);
    }

    public void Dispose()
    {
        _wait.Dispose();
        _reader.Dispose();
        _writer.Dispose();
    }
}
