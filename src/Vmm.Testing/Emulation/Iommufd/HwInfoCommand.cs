using System.Buffers.Binary;
using System.Numerics;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>IOMMU_GET_HW_INFO.</summary>
internal static class HwInfoCommand
{
    private const int PointerAt = 16;

    /// <summary>What QEMU's VT-d of 48 bits shows.</summary>
    private const ulong VtdCapabilityOf48Bits = 0x00d2_008c_222f_0686;
    private const ulong VtdExtendedCapability = 0xf0_0f4a;
    private const uint VtdErratum = 1;
    private const ulong FourLevels = 1UL << 10;

    public static Errno Answer(IommufdCommand command)
    {
        var flags = command.UInt32(4);
        if ((flags & ~IommufdUapi.HwInfoInputType) != 0 || (command.UInt32(28) & 0xffff_ff00) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        if (command.Context.Objects.Find<DeviceObject>(command.UInt32(8)) is not { Group.Unit: var unit })
        {
            return Errno.ENOENT;
        }

        var (type, data) = Data(unit);
        if (type != IommufdUapi.HwInfoNone && (flags & IommufdUapi.HwInfoInputType) != 0 && command.UInt32(24) != IommufdUapi.HwInfoNone && command.UInt32(24) != type)
        {
            return Errno.EOPNOTSUPP;
        }

        var room = command.UInt32(12);
        var buffer = command.Buffer(PointerAt);
        if (buffer.Length < room)
        {
            return Errno.EFAULT;
        }

        buffer[..(int)room].Clear();
        data.AsSpan(0, (int)Math.Min(room, (uint)data.Length)).CopyTo(buffer);
        command.Put(12, (uint)data.Length);
        command.Put(24, type);
        command.Put(28, 0u);
        command.Put(32, IommufdUapi.HwCapAtsNotSupported | (unit.TracksDirty ? IommufdUapi.HwCapDirtyTracking : 0));
        command.Respond();
        return Errno.None;
    }

    /// <summary>
    /// KERNEL: bits 21:16 of VT-d's capabilities are the guest address width less one; bits 9 and 10 say that page tables of three
    /// levels, 39 bits, and of four can be had.
    /// </summary>
    private static ulong VtdCapability(IommuUnit unit)
    {
        const ulong Widths = (0x3fUL << 16) | FourLevels;
        var highest = (ulong)BitOperations.Log2(unit.Aperture.Last.Value);
        return (VtdCapabilityOf48Bits & ~Widths) | (highest << 16) | (highest >= 39 ? FourLevels : 0);
    }

    /// <summary>The registers that the driver of an IOMMU shows: for VT-d its capabilities, after the flag of an erratum.</summary>
    private static (uint Type, byte[] Data) Data(IommuUnit unit)
    {
        switch (unit.Kind)
        {
            // KERNEL: a driver that cannot nest has nothing to tell, whatever type is asked for.
            case IommuKind.AmdVi:
                return (IommufdUapi.HwInfoNone, []);
            case IommuKind.Smmu:
                return (IommufdUapi.HwInfoArmSmmuV3, new byte[40]);
            default:
                var data = new byte[24];
                BinaryPrimitives.WriteUInt32LittleEndian(data, VtdErratum);
                BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(8), VtdCapability(unit));
                BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(16), VtdExtendedCapability);
                return (IommufdUapi.HwInfoIntelVtd, data);
        }
    }
}
