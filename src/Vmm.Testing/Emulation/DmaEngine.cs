using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation.Iommufd;
using Vmm.Testing.Emulation.Memory;

namespace Vmm.Testing.Emulation;

/// <summary>
/// Moves bytes between a device and real memory through the translation of the device's group. A mediated device has no
/// DMA of its own: its driver reads and writes the mapped memory for it, with that path's own rules.
/// </summary>
internal static class DmaEngine
{
    public static DmaOutcome Write(EmulatedDevice device, Iova iova, ReadOnlySpan<byte> bytes)
    {
        var done = 0;
        while (done < bytes.Length)
        {
            var step = Step(device, iova, done, bytes.Length - done, isWrite: true);
            if (step.Fault != DmaFault.None)
            {
                return step.Stopped(iova, done);
            }

            HostMemory.Write(step.Segment, step.Offset, bytes.Slice(done, step.Length));
            step.End();
            step.Wrote?.Invoke(iova.Value + (ulong)done, (ulong)step.Length);
            done += step.Length;
        }

        return new DmaOutcome(DmaFault.None, iova, done);
    }

    public static DmaOutcome Read(EmulatedDevice device, Iova iova, Span<byte> bytes)
    {
        var done = 0;
        while (done < bytes.Length)
        {
            var step = Step(device, iova, done, bytes.Length - done, isWrite: false);
            if (step.Fault != DmaFault.None)
            {
                return step.Stopped(iova, done);
            }

            HostMemory.Read(step.Segment, step.Offset, bytes.Slice(done, step.Length));
            step.End();
            done += step.Length;
        }

        return new DmaOutcome(DmaFault.None, iova, done);
    }

    private static DmaStep Step(EmulatedDevice device, Iova start, int done, int wanted, bool isWrite)
    {
        if (device.Group is not { IsUnprotected: false } group)
        {
            return new(DmaFault.NoGroup);
        }

        var container = group.Vfio?.Container;
        var isBound = device.Vfio.Bound is AccessObject || group.Iommufd is not null;
        if (container is null && !isBound)
        {
            return new(DmaFault.NotAssigned);
        }

        var ioas = isBound ? IoasOf(device, group) : null;
        if (isBound ? ioas is null : container!.Backend is not { } backend || (!group.IsEmulated && backend.DomainOf(group) is null))
        {
            return new(DmaFault.Blocked);
        }

        // What a conventional device asks for comes with the requester ID of the bridge above it, which is in the domain.
        if (device.IsOutsideDomain && device.IsExpress)
        {
            return new(DmaFault.OutsideDomain);
        }

        // An access that passes the top of the space does not wrap: what is beyond is mapped by nobody.
        if ((ulong)done > ulong.MaxValue - start.Value)
        {
            return new(DmaFault.NotMapped);
        }

        var iova = new Iova(start.Value + (ulong)done);
        if (isWrite && group.Reserved.Any(region => region.Kind == ReservedRegionKind.Msi && region.Range.Contains(iova)))
        {
            return new(DmaFault.InterruptWindow);
        }

        return ioas is not null
            ? IoasDma.Step(device, group.Iommufd?.PageTable, ioas, iova, wanted, isWrite)
            : ContainerDma.Step(device, container!.Backend!, iova, wanted, isWrite);
    }

    private static IoasModel? IoasOf(EmulatedDevice device, EmulatedGroup group) =>
        device.Vfio.Bound is AccessObject access ? access.Ioas?.Model : group.Iommufd?.PageTable?.Ioas.Model;
}
