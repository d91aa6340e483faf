using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>The kernel's uevents: one datagram an event, as the netlink socket gives them. Never throws, logs or retries.</summary>
public interface IUevents
{
    /// <summary>Begins to listen. Events from now on are queued for the descriptor, which polls as readable while one waits.</summary>
    SysResult Listen();

    /// <summary>Takes the next event.</summary>
    /// <param name="descriptor">From <see cref="Listen"/>.</param>
    /// <param name="buffer">At least 4,096 bytes: <c>ACTION@DEVPATH</c>, then <c>KEY=VALUE</c>, each ended by a zero byte.</param>
    /// <returns>Bytes written; EAGAIN when none waits; ENOBUFS, once, when events were lost: scan again.</returns>
    SysResult Receive(int descriptor, Span<byte> buffer);

    /// <summary>Ends listening.</summary>
    SysResult Close(int descriptor);
}
