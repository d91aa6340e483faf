using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Testing.Decorators;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>
/// QEMU: with several containers in a space a group is offered to the newest first, each removed section leaves the newest
/// first, and each added one comes to the oldest first, section by section.
/// </summary>
public sealed class QemuOrderTests : IDisposable
{
    private const ulong InterruptWindow = 0xfee00000;

    private readonly Rig _rig;
    private readonly RamBlock _bar;
    private RecordingKernel _calls = null!;

    public QemuOrderTests()
    {
        _rig = new Rig(
            host => host
                .Group(5).Device("0000:05:00.0", driver: "vfio-pci")
                .Group(6).Device("0000:06:00.0", driver: "vfio-pci").Msi()
                .Group(7).Device("0000:07:00.0", driver: "vfio-pci"),
            wrap: kernel => (_calls = new RecordingKernel(kernel)).ToHostKernel(),
            mode: MappingPlanMode.Qemu);
        _bar = _rig.Block("bar", 0x4000);
        _rig.Commit(View(Rig.Section(0, _rig.Ram, length: 0x100000)));
        Assert.True(_rig.Attach("0000:05:00.0").IsAttached);
        Assert.True(_rig.Attach("0000:06:00.0").IsAttached);
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    [Trait("Requirement", "R2.1")]
    [Trait("Requirement", "R2.4")]
    public void A_group_is_offered_to_the_newest_container_first()
    {
        Assert.Equal(2, _rig.Do(() => _rig.Space.GetStateAsync()).Containers.Count);
        Assert.Equal(["group 5: container 1", "group 6: container 1 refused", "group 6: container 2"], Offers());

        Assert.True(_rig.Attach("0000:07:00.0").IsAttached);

        Assert.Equal("group 7: container 2", Offers().Last());
        Assert.Equal(4, Offers().Count);
    }

    [Fact]
    [Trait("Requirement", "R2.15")]
    public void Sections_leave_the_newest_container_first_and_come_to_the_oldest_first_one_by_one()
    {
        var before = _calls.Calls.Count;

        _rig.Commit(View(Ram(0x100000), Ram(0x300000), Ram(0x500000)));

        Assert.Equal(
            [
                "unmap 0x0 of container 2", "unmap 0x0 of container 1",
                "map 0x100000 in container 1", "map 0x100000 in container 2",
                "map 0x300000 in container 1", "map 0x300000 in container 2",
                "map 0x500000 in container 1", "map 0x500000 in container 2",
            ],
            Mappings(before));
        Assert.True(_rig.Reaches("0000:05:00.0", 0x300000));
        Assert.True(_rig.Reaches("0000:06:00.0", 0x500000));
    }

    private FlatView View(params MemorySection[] ram) => new([.. ram, Rig.Section(InterruptWindow, _bar, kind: SectionKind.RamDevice)]);

    private MemorySection Ram(ulong start) => Rig.Section(start, _rig.Ram, offset: start, length: 0x100000);

    /// <summary>Which container each group was put into, in order; containers are counted as they are asked for their API.</summary>
    private List<string> Offers()
    {
        var containers = Containers();
        return
        [
            .. _calls.Calls.Where(call => call.Call == "VFIO_GROUP_SET_CONTAINER")
                .Select(call => $"group {call.Descriptor!.Split('/', '#')[3]}: {containers[call.Before["container"]]}{(call.IsOk ? "" : " refused")}"),
        ];
    }

    private List<string> Mappings(int from)
    {
        var containers = Containers();
        return
        [
            .. _calls.Calls.Skip(from).Where(call => call.IsOk && call.Call is "VFIO_IOMMU_MAP_DMA" or "VFIO_IOMMU_UNMAP_DMA")
                .Select(call => call.Call == "VFIO_IOMMU_MAP_DMA"
                    ? $"map {call.Before["iova"]} in {containers[call.Descriptor!]}"
                    : $"unmap {call.Before["iova"]} of {containers[call.Descriptor!]}"),
        ];
    }

    private Dictionary<string, string> Containers() => _calls.Calls.Where(call => call.Call == "VFIO_GET_API_VERSION")
        .Select((call, at) => (call, at)).ToDictionary(made => made.call.Descriptor!, made => $"container {made.at + 1}");
}
