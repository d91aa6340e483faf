using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Containers.Iommufd;

/// <summary>Mappings of an IOAS, what the kernel says of it, and written pages.</summary>
public sealed class IommufdContainerTests
{
    private static readonly IovaRange Range = IovaRange.FromBounds(0x10_0000, 0x10_3fff);
    private readonly ScriptedIommufd _rig = new();
    private readonly IommufdContainer _container;
    private readonly IommufdDevice _device;

    public IommufdContainerTests()
    {
        _device = _rig.Device("a", 1);
        _container = _rig.Container(_device);
    }

    public static TheoryData<bool, int, RamFile, bool, bool, string> Blocks => new()
    {
        { true, 9, RamFile.Memory, true, true, "map file 9 at 8192 in 1" },
        { true, 9, RamFile.DmaBuf, true, true, "map file 9 at 8192 in 1" },
        { true, 9, RamFile.Other, true, false, "map 1" },
        { false, 9, RamFile.Memory, true, false, "map 1" },
        { true, -1, RamFile.Memory, true, false, "map 1" },
        { true, 9, RamFile.Memory, false, true, "map 3" },
        { true, 9, RamFile.DmaBuf, false, true, "map file 9 at 8192 in 3" },
    };

    [Theory]
    [MemberData(nameof(Blocks))]
    [Trait("Requirement", "R1.2")]
    public void Memory_is_mapped_by_its_file_only_where_the_files_pages_are_the_guests(
        bool isShared, int descriptor, RamFile file, bool mapsByFile, bool isPinnable, string call)
    {
        IDmaContainer container = mapsByFile ? _container : _rig.Container(_rig.Device("b", 2), mapsByFile: false);
        var block = RamBlock.FromExisting("ram", new HostAddress(0x7000_0000), 0x8000, descriptor, 0x1000, isShared, file: file);
        Assert.Equal(isPinnable, block.IsPinnableByFile);
        Assert.True(container.Map(Range, block, 0x1000, DmaAccess.ReadWrite).IsOk);
        Assert.Equal([call], _rig.Calls);
    }

    [Fact]
    [Trait("Requirement", "R1.2")]
    public void The_pages_of_a_private_memfd_are_not_the_guests()
    {
        var memory = LinuxKernel.Create().Memory;
        var file = memory.CreateMemfd("private", 0x1000).Descriptor;
        var own = memory.Map(0x1000, MappingProtection.ReadWrite, MappingSharing.Private, file, 0);
        var shared = memory.Map(0x1000, MappingProtection.ReadWrite, MappingSharing.Shared, file, 0);
        var guest = RamBlock.FromExisting("private", new HostAddress((ulong)own.Value), 0x1000, file, file: RamFile.Memory);
        var pages = RamBlock.FromExisting("pages", new HostAddress((ulong)shared.Value), 0x1000, file, isShared: true, file: RamFile.Memory);
        guest.Write(0, "guest"u8);

        Assert.False(pages.Bytes(0, 5).SequenceEqual("guest"u8));
        Assert.Equal((false, true), (guest.IsPinnableByFile, pages.IsPinnableByFile));
        var user = 0UL;
        _rig.Answer(IommufdUapi.IoasMap, argument => Keep(argument, out user), "map");
        IDmaContainer container = _container;
        Assert.True(container.Map(IovaRange.FromBounds(0, 0xfff), guest, 0, DmaAccess.ReadWrite).IsOk);
        Assert.Equal(guest.Address.Value, user);

        memory.Unmap(guest.Address, 0x1000);
        memory.Unmap(pages.Address, 0x1000);
        memory.CloseMemfd(file);
    }

    [Fact]
    public void A_range_with_nothing_in_it_is_unmapped_with_0_bytes()
    {
        _rig.Fail(IommufdUapi.IoasUnmap, Errno.ENOENT);
        Assert.True(_container.Unmap(Range, out var unmapped).IsOk);
        Assert.Equal(0UL, unmapped);
    }

    [Fact]
    public void Another_errno_of_an_unmap_stays_one()
    {
        _rig.Fail(IommufdUapi.IoasUnmap, Errno.EDEADLOCK);
        Assert.Equal(Errno.EDEADLOCK, _container.Unmap(Range, out _).Errno);
        Assert.Equal(Errno.EDEADLOCK, _container.UnmapAll(out _).Errno);
    }

    [Fact]
    public void Everything_is_unmapped_in_one_call()
    {
        var length = 0UL;
        _rig.Answer(
            IommufdUapi.IoasUnmap,
            argument =>
            {
                length = BitConverter.ToUInt64(argument[16..]);
                argument[16..].Clear();
                return SysResult.Ok;
            },
            "unmap {4}");
        Assert.True(_container.Unmap(IovaRange.All, out var unmapped).IsOk);
        Assert.Equal((ulong.MaxValue, 0UL), (length, unmapped));
        Assert.Equal(["unmap 1"], _rig.Calls);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(0x3000)]
    public void An_alignment_that_is_no_power_of_two_is_not_believed(ulong alignment)
    {
        _rig.Alignment = alignment;
        Assert.Equal(Errno.EPROTO, _container.GetInfo().Errno);
    }

    [Theory]
    [InlineData(1, 0x1000)]
    [InlineData(0x1000, 0x1000)]
    [InlineData(0x1_0000, 0x1_0000)]
    public void Nothing_less_than_a_page_is_mapped(ulong alignment, ulong smallest)
    {
        _rig.Alignment = alignment;
        Assert.Equal(smallest, _container.GetInfo().Value!.PageSizes.Smallest);
        Assert.Null(_container.GetInfo().Value!.EntriesLeft);
    }

    [Theory]
    [InlineData(5, 4, 9, 9, "below its start")]
    [InlineData(0, 9, 9, 12, "not above the one before")]
    [InlineData(8, 9, 0, 4, "not above the one before")]
    public void Ranges_that_contradict_each_other_are_not_believed(ulong start, ulong last, ulong nextStart, ulong nextLast, string words)
    {
        _rig.Windows = [(start, last), (nextStart, nextLast)];
        Assert.Equal(Errno.EPROTO, _container.GetInfo().Errno);
        Assert.False(IommufdContainer.TryOpen(_rig.Devices, _rig.Device("b", 2), out _, out var refusal));
        Assert.Equal(Errno.EPROTO, refusal.Errno);
        Assert.Contains(words, refusal.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void No_range_at_all_is_nothing_allowed()
    {
        _rig.Windows = [];
        Assert.Empty(_container.GetInfo().Value!.Windows!);
    }

    [Fact]
    public void Copies_promises_and_options_name_their_IOAS()
    {
        var other = _rig.Container(_rig.Device("b", 2));
        Assert.True(other.Copy(_container, Range, new Iova(0x1000), DmaAccess.Read).IsOk);
        Assert.True(other.SetPromised([Range]).IsOk);
        Assert.True(other.SetHugePages(false).IsOk);
        Assert.Equal(["copy 1 to 3", "allow 3", "option 1"], _rig.Calls);

        var rig = new ScriptedIommufd();
        Assert.Throws<ArgumentException>(() => other.Copy(rig.Container(rig.Device("c", 3)), Range, default, DmaAccess.Read));
    }

    [Fact]
    public void Written_pages_are_not_tracked_where_an_IOMMU_cannot()
    {
        Assert.False(_container.CanTrackDirty);
        Assert.Equal(Errno.EOPNOTSUPP, _container.SetDirtyTracking(true).Errno);
        Assert.Equal(Errno.EINVAL, _container.GetDirtyBitmap(Range, 0x1000, new byte[8]).Errno);
        Assert.Empty(_rig.Calls);
    }

    [Fact]
    public void Written_pages_are_those_of_every_page_table()
    {
        var container = TrackingContainer(out var tables);
        Assert.True(container.SetDirtyTracking(true).IsOk);
        var bitmap = new byte[8];
        Assert.True(container.GetDirtyBitmap(Range, 0x1000, bitmap).IsOk);
        Assert.True(container.UnmapDirty(Range, 0x1000, bitmap, out _).IsOk);
        Assert.True(container.SetDirtyTracking(false).IsOk);
        var (a, b) = (tables[0], tables[1]);
        Assert.Equal(
            [
                $"track {a} 1", $"track {b} 1", $"bitmap {a} flags 0", $"bitmap {b} flags 0", $"bitmap {a} flags 1", $"bitmap {b} flags 1",
                $"unmap {container.Ioas}", $"track {a} 0", $"track {b} 0",
            ],
            _rig.Calls);
    }

    [Fact]
    public void A_start_that_fails_at_one_page_table_is_undone_at_all()
    {
        var container = TrackingContainer(out var tables);
        _rig.Answer(
            IommufdUapi.HwptSetDirtyTracking, argument => argument[8] == tables[1] && argument[4] == 1 ? Errno.ENOMEM : SysResult.Ok, "track {8} {4}");
        Assert.Equal(Errno.ENOMEM, container.SetDirtyTracking(true).Errno);
        var (a, b) = (tables[0], tables[1]);
        Assert.Equal([$"track {a} 1", $"track {b} 1", $"track {a} 0", $"track {b} 0"], _rig.Calls);
        Assert.Equal(Errno.EINVAL, container.GetDirtyBitmap(Range, 0x1000, new byte[8]).Errno);
    }

    [Fact]
    public void Whoever_comes_while_pages_are_tracked_is_tracked_or_refused()
    {
        var container = TrackingContainer(out var tables);
        Assert.True(container.SetDirtyTracking(true).IsOk);
        foreach (var table in tables)
        {
            _rig.AttachErrnos[table] = Errno.EINVAL;
        }

        var late = _rig.Device("late", 9);
        Assert.True(container.Attach(late).IsOk);
        Assert.Contains($"track {late.AttachedTo} 1", _rig.Calls);
        Assert.Equal(Errno.EOPNOTSUPP, container.Attach(_rig.Device("m", 7, isMediated: true)).Errno);
    }

    [Fact]
    public void An_unmap_whose_pages_are_not_told_unmaps_nothing()
    {
        var container = TrackingContainer(out _);
        Assert.True(container.SetDirtyTracking(true).IsOk);
        _rig.Fail(IommufdUapi.HwptGetDirtyBitmap, Errno.EINVAL);
        Assert.Equal(Errno.EINVAL, container.UnmapDirty(Range, 0x1000, new byte[8], out _).Errno);
        Assert.DoesNotContain($"unmap {container.Ioas}", _rig.Calls);
    }

    [Fact]
    public void A_probe_leaves_nothing()
    {
        var before = _rig.Devices.OpenDescriptors.Count;
        var probe = IommufdProbe.Query(_rig.Devices, ScriptedIommufd.Host("b", 2));
        Assert.Null(probe.Refusal);
        Assert.Equal(2, probe.Info!.Windows!.Count);
        Assert.Equal(before, _rig.Devices.OpenDescriptors.Count);
        Assert.Equal([1u, 2], _rig.Objects);
    }

    [Theory]
    [InlineData("VFIO_DEVICE_BIND_IOMMUFD")]
    [InlineData("VFIO_DEVICE_ATTACH_IOMMUFD_PT")]
    [InlineData("IOMMU_IOAS_ALLOC")]
    public void A_probe_that_is_refused_leaves_nothing_either(string failing)
    {
        var before = _rig.Devices.OpenDescriptors.Count;
        _rig.Fail(_rig.Devices.Answers.Keys.Single(code => code.Name == failing), Errno.EBUSY);
        var probe = IommufdProbe.Query(_rig.Devices, ScriptedIommufd.Host("b", 2));
        Assert.Equal((null, failing, Errno.EBUSY), (probe.Info, probe.Refusal!.Operation, probe.Refusal.Errno));
        Assert.Equal(before, _rig.Devices.OpenDescriptors.Count);
        Assert.Equal([1u, 2], _rig.Objects);
    }

    private static SysResult Keep(Span<byte> argument, out ulong user)
    {
        user = BitConverter.ToUInt64(argument[16..]);
        return SysResult.Ok;
    }

    /// <summary>A container with two devices whose page tables differ and can both track.</summary>
    private IommufdContainer TrackingContainer(out IReadOnlyList<uint> tables)
    {
        _rig.Capabilities = IommufdUapi.HwCapDirtyTracking;
        var container = _rig.Container(_rig.Device("b", 2));
        _rig.AttachErrnos[container.PageTables[0]] = Errno.EINVAL;
        var second = _rig.Device("c", 3);
        Assert.True(container.Attach(second).IsOk);
        Assert.Contains(_rig.Calls, call => call.StartsWith("table flags 2", StringComparison.Ordinal));
        tables = container.PageTables;
        Assert.True(container.CanTrackDirty);
        _rig.Calls.Clear();
        return container;
    }
}
