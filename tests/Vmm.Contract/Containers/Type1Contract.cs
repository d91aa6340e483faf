using Vmm.Contract.Hosts;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Results;

namespace Vmm.Contract.Containers;

/// <summary>The contract of type1's second version, by groups.</summary>
public abstract class Type1Contract : ContainerContract
{
    private const int MostEntries = 65535;

    protected override Errno CutAnswer => Errno.EINVAL;

    protected override Errno LeaveAnswer => Errno.EBUSY;

    [SkippableFact]
    public void Mappings_are_counted_and_the_one_too_many_is_refused()
    {
        using var opened = Open(DeviceRole.Lone);
        Assert.Equal((uint)MostEntries, opened.Container.GetInfo().Value!.EntriesLeft);
        for (var entry = 0; entry < MostEntries; entry++)
        {
            Assert.True(opened.Map((ulong)entry * OpenedContainer.Page).IsOk);
        }

        Assert.Equal(0U, opened.Container.GetInfo().Value!.EntriesLeft);
        Assert.Equal(Errno.ENOSPC, opened.Map(MostEntries * OpenedContainer.Page).Errno);
        Assert.Equal(Errno.EEXIST, opened.Map(0).Errno);
        Assert.True(opened.Container.UnmapAll(out var unmapped).IsOk);
        Assert.Equal(MostEntries * OpenedContainer.Page, unmapped);
        Assert.Equal((uint)MostEntries, opened.Container.GetInfo().Value!.EntriesLeft);
    }

    [SkippableFact]
    public void A_mediated_device_alone_knows_no_window()
    {
        using var opened = Open(DeviceRole.Mediated);
        Assert.Null(opened.Container.GetInfo().Value!.Windows);
        Assert.True(opened.Map(0xfee0_0000).IsOk);
        var group = OpenMember(DeviceRole.Lone, opened);
        opened.Keep(group);
        Assert.Equal(Errno.EINVAL, opened.Container.Attach(group).Errno);
        Assert.Equal((long)OpenedContainer.Page, opened.Unmap(0xfee0_0000));
        Assert.Equal(Errno.None, opened.Container.Attach(group).Errno);
        Assert.Equal(Host.LastIova, opened.Container.GetInfo().Value!.Windows![^1].Last.Value);
        Assert.Equal(Errno.None, opened.Container.Detach(group).Errno);
        Assert.Equal(ulong.MaxValue, opened.Container.GetInfo().Value!.Windows![^1].Last.Value);
    }

    protected override OpenedContainer Open(DeviceRole role)
    {
        var group = OpenGroup(role);
        Assert.True(Type1Container.TryOpen(Host.Kernel.Devices, group, out var container, out var refusal), $"{refusal}");
        Assert.Equal(ContainerKind.Type1V2, container.Kind);
        return new OpenedContainer(Host, container, group);
    }

    protected override IContainerMember OpenMember(DeviceRole role, OpenedContainer beside) => OpenGroup(role);

    protected override ContainerRefusal? Refusal(DeviceRole role) =>
        VfioGroup.TryOpen(Host.Kernel.Devices, Host.Device(role).Group, out _, out var refusal) ? null : refusal;

    private VfioGroup OpenGroup(DeviceRole role)
    {
        Assert.True(VfioGroup.TryOpen(Host.Kernel.Devices, Host.Device(role).Group, out var group, out var refusal), $"{refusal}");
        return group;
    }
}
