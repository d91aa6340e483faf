using System.IO.Pipes;
using System.Runtime.InteropServices;
using Mono.Unix.Native;
using Vmm.Iommu.Results;

namespace Vmm.Hosting.HostWatch;

/// <summary>Waits with poll(2) on a descriptor and on a pipe whose closing ends the wait.</summary>
internal sealed class DescriptorWait : IWakeSource, IDisposable
{
    private readonly int _descriptor;
    private readonly AnonymousPipeServerStream _reader = new(PipeDirection.In, HandleInheritability.None);
    private readonly AnonymousPipeClientStream _writer;

    /// <summary>Waits on <paramref name="descriptor"/>, which stays the caller's.</summary>
    public DescriptorWait(int descriptor)
    {
        _descriptor = descriptor;
        _writer = new AnonymousPipeClientStream(PipeDirection.Out, _reader.ClientSafePipeHandle);
    }

    /// <summary>Ends the wait under way and every later one. Safe from any thread.</summary>
    public void Stop() => _writer.Dispose();

    /// <inheritdoc/>
    public Wake Wait(TimeSpan? quiet)
    {
        var polled = new Pollfd[]
        {
            new() { fd = _descriptor, events = PollEvents.POLLIN },
            new() { fd = _reader.SafePipeHandle.DangerousGetHandle().ToInt32(), events = PollEvents.POLLIN },
        };
        var milliseconds = quiet is { } time ? (int)Math.Ceiling(time.TotalMilliseconds) : -1;
        int ready;
        do
        {
            ready = Syscall.poll(polled, milliseconds);
        }
        while (ready < 0 && Marshal.GetLastPInvokeError() == Iommu.Results.Errno.EINTR.Number);

        if (ready < 0)
        {
            throw new IommuException("poll", "the uevent descriptor", new(Marshal.GetLastPInvokeError()), "The host is not watched any more; restart to watch it.");
        }

        // A stop is told by POLLHUP of the pipe, which no one ever writes to.
        return polled[1].revents.HasFlag(PollEvents.POLLHUP) ? Wake.Stopped : ready == 0 ? Wake.Quiet : Wake.Readable;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
    }
}
