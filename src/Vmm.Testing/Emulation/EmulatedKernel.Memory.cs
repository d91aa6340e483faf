using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

public sealed partial class EmulatedKernel
{
    /// <inheritdoc/>
    public SysResult CreateMemfd(string name, ulong length)
    {
        lock (_gate)
        {
            return _state.Memory.CreateFile(name, length);
        }
    }

    /// <inheritdoc/>
    public SysResult CloseMemfd(int descriptor)
    {
        lock (_gate)
        {
            return _state.Memory.CloseFile(descriptor);
        }
    }

    /// <summary>As <see cref="IMemory.Map"/>; with a device descriptor it maps a BAR, at the offset that GET_REGION_INFO gave.</summary>
    public SysResult Map(ulong length, MappingProtection protection, MappingSharing sharing, int descriptor, ulong offset)
    {
        lock (_gate)
        {
            return sharing == MappingSharing.Anonymous || _state.Files[descriptor] is not { } file
                ? _state.Memory.Map(length, protection, sharing, descriptor, offset)
                // KERNEL: a length of zero is refused before the file is asked.
                : length == 0 ? Errno.EINVAL
                : file switch
                {
                    DeviceFile device => device.Map(_linux, length, protection, sharing, offset),
                    CdevFile device => device.Map(_linux, length, protection, sharing, offset),
                    _ => Errno.ENODEV,
                };
        }
    }

    /// <inheritdoc/>
    public SysResult Unmap(HostAddress address, ulong length)
    {
        lock (_gate)
        {
            return _state.Memory.Unmap(address, length);
        }
    }

    /// <inheritdoc/>
    public SysResult Populate(HostAddress address, ulong length, bool writable)
    {
        lock (_gate)
        {
            return _state.Memory.Populate(address, length, writable);
        }
    }

    /// <summary>
    /// Says what process addresses are that did not come from <see cref="Map"/>, or makes others of those that did. What is
    /// neither mapped nor declared is a bad address. Nothing is mapped by this.
    /// </summary>
    /// <param name="address">First address.</param>
    /// <param name="length">Bytes; the range ends at or before 2^64-1.</param>
    /// <param name="kind">What pinning finds there.</param>
    /// <exception cref="ArgumentException">The range is empty or ends past 2^64-1.</exception>
    public void Declare(HostAddress address, ulong length, AddressKind kind)
    {
        var range = IovaRange.FromLength(address.Value, length);
        lock (_gate)
        {
            _state.Memory.Book.Declare(range, kind);
        }
    }
}
