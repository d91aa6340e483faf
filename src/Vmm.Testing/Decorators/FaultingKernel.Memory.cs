using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Decorators;

public sealed partial class FaultingKernel
{
    /// <inheritdoc/>
    public SysResult CreateMemfd(string name, ulong length)
    {
        var fault = Next("memfd_create");
        if (fault is { Moment: FaultMoment.BeforeEffect })
        {
            return fault.Errno;
        }

        var made = _inner.Memory.CreateMemfd(name, length);
        if (fault is null || !made.IsOk)
        {
            return made;
        }

        _inner.Memory.CloseMemfd(made.Descriptor);
        return fault.Errno;
    }

    /// <inheritdoc/>
    public SysResult CloseMemfd(int descriptor)
    {
        var fault = Next("close");
        var result = _inner.Memory.CloseMemfd(descriptor);
        return fault is null || !result.IsOk ? result : fault.Errno;
    }

    /// <inheritdoc/>
    public SysResult Map(ulong length, MappingProtection protection, MappingSharing sharing, int descriptor, ulong offset)
    {
        var fault = Next("mmap");
        if (fault is { Moment: FaultMoment.BeforeEffect })
        {
            return fault.Errno;
        }

        var mapped = _inner.Memory.Map(length, protection, sharing, descriptor, offset);
        if (fault is null || !mapped.IsOk)
        {
            return mapped;
        }

        _inner.Memory.Unmap(new HostAddress((ulong)mapped.Value), length);
        return fault.Errno;
    }

    /// <summary>
    /// As <see cref="IMemory.Unmap"/>. KERNEL: a munmap that answers an errno has unmapped nothing, so one that is told to fail
    /// is not made, at either moment; its caller may then try again without hitting what others mapped there meanwhile.
    /// </summary>
    public SysResult Unmap(HostAddress address, ulong length) =>
        Next("munmap") is { } fault ? fault.Errno : _inner.Memory.Unmap(address, length);

    /// <inheritdoc/>
    public SysResult Populate(HostAddress address, ulong length, bool writable)
    {
        var fault = Next("populate");
        if (fault is { Moment: FaultMoment.BeforeEffect })
        {
            return fault.Errno;
        }

        var populated = _inner.Memory.Populate(address, length, writable);
        return fault is null || !populated.IsOk ? populated : fault.Errno;
    }
}
