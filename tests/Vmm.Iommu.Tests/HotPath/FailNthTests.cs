using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Containers;

namespace Vmm.Iommu.Tests.HotPath;

/// <summary>Fails every call of a whole life in turn; whatever fails, an orderly end takes everything back.</summary>
public sealed class FailNthTests
{
    private static readonly ReservedRegion Msi = new(ReservedRegionKind.Msi, ContainerRig.MsiWindow, "group 2", "test");

    [Theory]
    [Trait("Requirement", "R2.3")]
    [InlineData(false)]
    [InlineData(true)]
    public void Whichever_call_fails_descriptors_mappings_and_leases_come_back(bool afterEffect)
    {
        var failed = new HashSet<string>();
        for (var at = 1; ; at++)
        {
            using var rig = new ContainerRig();
            var devices = new FailingDevices(rig.Kernel, at, afterEffect);
            rig.Devices = devices;
            var ram = rig.Ram();
            Live(rig, devices, ram);
            ram.Retire();
            Assert.True(ram.IsReleased, $"call {at}, {devices.Failed}: {ram.Leases} leases are held");
            Assert.True(rig.Kernel.Census().IsEmpty, $"call {at}, {devices.Failed}: {rig.Kernel.Census()}");
            if (devices.Failed is null)
            {
                break;
            }

            failed.Add(devices.Failed);
        }

        Assert.Superset(
            new HashSet<string> { "open", "close", "VFIO_IOMMU_MAP_DMA", "VFIO_IOMMU_UNMAP_DMA", "VFIO_GROUP_UNSET_CONTAINER", "VFIO_GROUP_GET_DEVICE_FD" },
            failed);
    }

    private static void Live(ContainerRig rig, FailingDevices devices, RamBlock ram)
    {
        if (!VfioGroup.TryOpen(devices, 1, out var first, out _))
        {
            return;
        }

        if (Type1Container.TryOpen(devices, first, out var container, out _))
        {
            var turn = new ContainerTurn(container, first, [Msi], container.InfoAtOpen);
            UseSecond(rig, turn, ram);
            UseDevice(rig, turn, first);
            UnmapAndMap(turn, ram);
            turn.Evict(first);
            devices.IsOff = true;
            Assert.True(turn.Close().IsClosed);
            Assert.Equal(0, turn.Table.Count);
        }

        first.Close();
    }

    private static void UseSecond(ContainerRig rig, ContainerTurn turn, RamBlock ram)
    {
        turn.Map(IovaRange.FromLength(0, 0x10000), ram, 0, DmaAccess.ReadWrite);
        if (!VfioGroup.TryOpen(rig.Devices, 2, out var second, out _))
        {
            return;
        }

        turn.Admit(second, [Msi]);
        turn.Map(IovaRange.FromLength(0x10000, 0x10000), ram, 0x10000, DmaAccess.Read);
        turn.Unmap(IovaRange.FromLength(0, 0x10000));
        turn.Evict(second);

        // What could not leave is taken along by the close of its node, and the container is told.
        if (second.HasContainer)
        {
            turn.Evict(second);
        }

        second.Close();
    }

    private static void UseDevice(ContainerRig rig, ContainerTurn turn, VfioGroup group)
    {
        if (!AssignedDevice.TryOpen(rig.Devices, rig.Kernel, group, ContainerRig.NetworkCard, out var device, out _))
        {
            return;
        }

        foreach (var bar in device.MapRegion(0).Value ?? [])
        {
            turn.Map(IovaRange.FromLength(0x8000_0000, bar.Block.Length), bar.Block, 0, DmaAccess.ReadWrite);
        }

        turn.UnmapWithin(IovaRange.FromBounds(0x8000_0000, 0x8fff_ffff));
        if (!device.Release().IsReleased)
        {
            turn.UnmapWithin(IovaRange.FromBounds(0x8000_0000, 0x8fff_ffff));
            Assert.True(device.Release().IsReleased);
        }
    }

    private static void UnmapAndMap(ContainerTurn turn, RamBlock ram)
    {
        turn.UnmapWithin(IovaRange.All);
        turn.Map(IovaRange.FromLength(0x4000, 0x1000), ram, 0x4000, DmaAccess.ReadWrite);
        turn.SetUserHoles([]);
    }
}
