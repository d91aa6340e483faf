using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>The header of VFIO_DEVICE_SET_IRQS and the data behind it.</summary>
internal readonly ref struct InterruptRequest(DescriptorTable files, IoctlArgument argument)
{
    private const int Header = 20;
    private readonly IoctlArgument _argument = argument;

    public uint Flags => _argument.UInt32(4);

    public uint Index => _argument.UInt32(8);

    public uint Start => _argument.UInt32(12);

    public uint Count => _argument.UInt32(16);

    /// <summary>The action bits; several at once are no action that a driver knows.</summary>
    public uint Action => Flags & (VfioUapi.IrqActionMask | VfioUapi.IrqActionUnmask | VfioUapi.IrqActionTrigger);

    public bool HasNoData => (Flags & VfioUapi.IrqDataNone) != 0;

    public bool HasEventfds => (Flags & VfioUapi.IrqDataEventfd) != 0;

    public bool IsTrue(uint at) => _argument.Bytes[Header + (int)at] != 0;

    public int Descriptor(uint at) => (int)_argument.UInt32(Header + ((int)at * sizeof(int)));

    /// <summary>The eventfd at a position; null, and no error, for a negative number.</summary>
    public Errno Eventfd(uint at, out EventFile? file)
    {
        var descriptor = Descriptor(at);
        file = descriptor < 0 ? null : files[descriptor] as EventFile;
        return descriptor < 0 || file is not null ? Errno.None
            : files[descriptor] is null && !DescriptorTable.IsOpenInProcess(descriptor) ? Errno.EBADF
            : Errno.EINVAL;
    }
}
