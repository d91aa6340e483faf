using Vmm.Contract.Hosts;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Results;

namespace Vmm.Contract.Containers;

/// <summary>A container with a member inside, memory to map, and the devices that were opened: all of it goes back at the end.</summary>
public sealed class OpenedContainer(IContractHost host, IDmaContainer container, IContainerMember member, Func<SysResult>? closeLast = null) : IDisposable
{
    public const ulong Page = 0x1000;
    public const int Pages = 16;

    private readonly List<AssignedDevice> _devices = [];
    private readonly List<IContainerMember> _members = [member];

    public IDmaContainer Container { get; } = container;

    public IContainerMember Member { get; } = member;

    /// <summary>Sixteen pages.</summary>
    public RamBlock Memory { get; } = RamBlock.Allocate(host.Kernel.Memory, "contract", Pages * Page);

    /// <summary>Maps pages of the memory.</summary>
    public SysResult Map(ulong iova, int page = 0, int pages = 1, DmaAccess access = DmaAccess.ReadWrite) =>
        Container.Map(IovaRange.FromLength(iova, (ulong)pages * Page), Memory.Address.Plus((ulong)page * Page), access);

    /// <summary>Unmaps, and says how many bytes that were; -1 for a refusal.</summary>
    public long Unmap(ulong iova, ulong length = Page) =>
        Container.Unmap(IovaRange.FromLength(iova, length), out var unmapped).IsOk ? (long)unmapped : -1;

    /// <summary>Has the end take care of a member.</summary>
    public void Keep(IContainerMember joined) => _members.Add(joined);

    /// <summary>Opens a device of the member.</summary>
    public AssignedDevice OpenDevice(DeviceRole role)
    {
        var name = host.Device(role).Name;
        Assert.True(AssignedDevice.TryOpen(host.Kernel.Devices, host.Kernel.Memory, Member, name, out var device, out var refusal), $"{refusal}");
        _devices.Add(device);
        return device;
    }

    public void Dispose()
    {
        foreach (var device in _devices)
        {
            device.Release();
        }

        foreach (var inside in Enumerable.Reverse(_members))
        {
            Container.Detach(inside);
        }

        Container.Close();
        _members.ForEach(inside => inside.Close());
        closeLast?.Invoke();
        Memory.Retire();
    }
}
