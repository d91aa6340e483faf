using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Planning;
using Vmm.Testing.Decorators;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>QEMU: a section that a vIOMMU translates leaves by one unmap of all of it, in its place among the sections that leave.</summary>
public sealed class GuestIommuQemuTests : IDisposable
{
    private const string Device = GuestIommuRig.Device;

    private readonly GuestIommuRig _rig;
    private RecordingKernel _calls = null!;

    public GuestIommuQemuTests() => _rig = new GuestIommuRig(
        wrap: kernel => (_calls = new RecordingKernel(kernel)).ToHostKernel(), mode: MappingPlanMode.Qemu, backend: BackendChoice.Type1);

    public void Dispose() => _rig.Dispose();

    [Fact]
    [Trait("Requirement", "R2.15")]
    public void A_section_leaves_by_one_call_whatever_the_guest_has_mapped_in_it()
    {
        var low = Rig.Section(0, _rig.Rig.Ram, length: 0x1000);
        var high = Rig.Section(1UL << 40, _rig.Rig.Ram, length: 0x1000);
        _rig.Commit(new FlatView([low, .. GuestIommuRig.Translated.Select(Above), high]));
        Assert.True(_rig.Attach(Device).IsAttached);
        _rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000);
        _rig.Guest.Map(0x7000_1000, 0x1000, 0x20_0000);
        var before = _calls.Calls.Count;

        Assert.Empty(_rig.Commit(_rig.Rig.View).Holes);

        Assert.Equal(
            ["unmap 0x0 0x1000", "unmap 0x1000 0xfedff000", "unmap 0xfef00000 0xff01100000", "unmap 0x10000000000 0x1000", "map 0x0 0x1000000"],
            Mappings(before));
        Assert.False(_rig.Rig.Reaches(Device, 0x7000_0000));
    }

    [Fact]
    public void A_section_of_all_addresses_leaves_in_two_halves()
    {
        _rig.Commit(new FlatView([GuestIommuRig.Translate(0, ulong.MaxValue)]));
        Assert.True(_rig.Attach(Device).IsAttached);
        _rig.Guest.Map(0x7000_0000, 0x1000, 0x10_0000);
        var before = _calls.Calls.Count;

        Assert.Empty(_rig.Commit(FlatView.Empty).Holes);

        Assert.Equal(["unmap 0x0 0x8000000000000000", "unmap 0x8000000000000000 0x8000000000000000"], Mappings(before));
    }

    [Fact]
    public void A_vIOMMU_that_tells_of_no_maps_is_refused_in_the_words_of_a_failed_region()
    {
        _rig.Commit(GuestIommuRig.Translated);
        _rig.Guest.Refuses = "caching-mode is off";

        var refusal = _rig.Attach(Device).Refusal!;

        Assert.Equal(
            "vfio 0000:05:00.0: failed to setup container for group 5: memory listener initialization failed: Region viommu: caching-mode is off",
            refusal.Words);
    }

    /// <summary>The first page is RAM here.</summary>
    private static MemorySection Above(MemorySection section) => section.Range.Start.Value == 0 ? GuestIommuRig.Translate(0x1000, section.Range.Last.Value) : section;

    private List<string> Mappings(int from) =>
    [
        .. _calls.Calls.Skip(from).Where(call => call.Call is "VFIO_IOMMU_MAP_DMA" or "VFIO_IOMMU_UNMAP_DMA")
            .Select(call => $"{(call.Call == "VFIO_IOMMU_MAP_DMA" ? "map" : "unmap")} {call.Before["iova"]} {call.Before["size"]}"),
    ];
}
