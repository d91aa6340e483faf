using System.Collections.Concurrent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.GuestMemory;

/// <summary>Memory whose populating answers what a test says, and is kept; nothing else is asked of it.</summary>
internal sealed class ScriptedMemory(Func<ulong, SysResult>? answer = null) : IMemory
{
    public ConcurrentQueue<(ulong Address, ulong Length, bool Writable)> Populated { get; } = [];

    public SysResult Populate(HostAddress address, ulong length, bool writable)
    {
        Populated.Enqueue((address.Value, length, writable));
        return answer?.Invoke(address.Value) ?? SysResult.Ok;
    }

    public SysResult CreateMemfd(string name, ulong length) => Errno.ENOTSUPP;

    public SysResult CloseMemfd(int descriptor) => Errno.ENOTSUPP;

    public SysResult Map(ulong length, MappingProtection protection, MappingSharing sharing, int descriptor, ulong offset) => Errno.ENOTSUPP;

    public SysResult Unmap(HostAddress address, ulong length) => Errno.ENOTSUPP;
}
