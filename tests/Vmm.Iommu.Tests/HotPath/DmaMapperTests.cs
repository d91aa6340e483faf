using System.Diagnostics.Metrics;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.HotPath;

public sealed class DmaMapperTests
{
    private static readonly MapResult Enomem = MapResult.Refused(Errno.ENOMEM);

    [Fact]
    public void A_map_is_in_every_container_and_an_unmap_takes_it_out_of_each()
    {
        var space = new HotSpace(containers: 2);
        Assert.Equal(MapResult.Ok, space.Map(3));
        Assert.Equal([HotSpace.At(3)], space.Mapped(0));
        Assert.Equal([HotSpace.At(3)], space.Mapped(1));
        Assert.Equal(2, space.Ram.Leases);
        Assert.Equal(MapResult.Ok, space.Mapper.TryUnmap(HotSpace.At(3)));
        Assert.Empty(space.Mapped(0));
        Assert.Empty(space.Mapped(1));
        Assert.Equal(0, space.Ram.Leases);
    }

    [Fact]
    public void A_map_that_one_container_refuses_is_taken_back_from_the_others()
    {
        var space = new HotSpace(containers: 3);
        space.Containers[2].MapErrno = Errno.ENOMEM;
        Assert.Equal(Enomem, space.Map(3));
        Assert.Empty(space.Mapped(0));
        Assert.Empty(space.Mapped(1));
        Assert.Equal(0, space.Ram.Leases);
    }

    [Fact]
    public void What_cannot_be_taken_back_is_dying_and_the_guests_unmap_tries_it_again()
    {
        var space = new HotSpace(containers: 2);
        space.Containers[0].OnUnmap = _ => (Errno.EIO, 0);
        space.Containers[1].MapErrno = Errno.ENOMEM;
        Assert.Equal(Enomem, space.Map(3));
        Assert.Equal((1, 1), (space.Rings[0].Run(turn => turn.GetState()).Value!.Dying, space.Ram.Leases));
        Assert.Equal(MapStatus.Tainted, space.Map(3).Status);

        space.Containers[0].OnUnmap = _ => null;
        Assert.Equal(MapResult.Ok, space.Mapper.UnmapNotify(HotSpace.At(3).Start.Value, HotSpace.At(3).Last.Value));
        Assert.Empty(space.Mapped(0));
        Assert.Equal(0, space.Ram.Leases);
    }

    [Fact]
    public void Without_a_container_nothing_is_hot()
    {
        var mapper = new DmaMapper();
        Assert.Equal(MapStatus.NotHot, mapper.TryMap(HotSpace.At(1), new HotSpace().Ram, 0, DmaAccess.Read).Status);
        Assert.Equal(MapStatus.NotHot, mapper.TryUnmap(HotSpace.At(1)).Status);
        Assert.Equal(MapResult.Ok, mapper.UnmapNotify(0, ulong.MaxValue));
    }

    [Theory]
    [InlineData(0x1000, 0, MapStatus.BadRange)]
    [InlineData(0xffff_ffff_ffff_f000, 0x2000, MapStatus.BadRange)]
    [InlineData(0x1000, 0xffff_ffff_ffff_ffff, MapStatus.BadRange)]
    [InlineData(0x1800, 0x1000, MapStatus.BadRange)]
    [InlineData(0x1000, 0x10, MapStatus.BadRange)]
    [InlineData(0x1000, 0x8000_0000_0000_0000, MapStatus.NotRam)]
    [InlineData(0x1_0000_0000_0000, 0x1000, MapStatus.OutsideWindows)]
    public void What_a_guest_asks_for_that_cannot_be_is_answered_and_nothing_is_done(ulong iova, ulong length, MapStatus status)
    {
        var space = WithMemory(out var mapper);
        Assert.Equal(MapResult.Of(status), mapper.MapNotify(iova, length, target: 0, DmaAccess.ReadWrite));
        Assert.Empty(space.Containers[0].Calls);
        Assert.Equal(0, space.Ram.Leases);
    }

    [Fact]
    public void A_target_that_is_not_wholly_ram_is_refused()
    {
        var space = WithMemory(out var mapper);
        Assert.Equal(MapStatus.NotRam, mapper.MapNotify(0, 0x1000, 0x20_0000, DmaAccess.Read).Status);
        Assert.Equal(MapStatus.NotRam, mapper.MapNotify(0, 0x2000, 0x1f_f000, DmaAccess.Read).Status);
        Assert.Equal(MapStatus.Ok, mapper.MapNotify(0, 0x1000, 0x1f_f000, DmaAccess.Read).Status);
        Assert.Equal([HotSpace.At(0)], space.Mapped());
    }

    [Fact]
    public void Nothing_is_written_where_the_guest_or_the_section_says_read_only()
    {
        var space = WithMemory(out var mapper);
        Assert.Equal(MapResult.Ok, mapper.MapNotify(0x1000, 0x1000, 0x0, DmaAccess.Read));
        Assert.Equal(MapResult.Ok, mapper.MapNotify(0x2000, 0x1000, 0x0, DmaAccess.Write));
        Assert.Equal(MapResult.Ok, mapper.MapNotify(0x3000, 0x1000, 0xf_0000, DmaAccess.ReadWrite));
        Assert.Equal(MapResult.Of(MapStatus.BadRange), mapper.MapNotify(0x4000, 0x1000, 0, DmaAccess.None));
        Assert.Equal(
            [DmaAccess.Read, DmaAccess.ReadWrite, DmaAccess.Read],
            space.Rings[0].Run(turn => turn.Table.Select(mapping => mapping.Access).ToList()).Value!);
    }

    [Fact]
    public void A_huge_page_may_lie_across_sections_that_show_one_block_on()
    {
        WithMemory(out var mapper);
        Assert.Equal(MapResult.Ok, mapper.MapNotify(0, 0x10_0000, 0x10_0000, DmaAccess.ReadWrite));
        Assert.Equal(MapStatus.NotRam, mapper.MapNotify(0x1000_0000, 0x2000, 0xe_f000, DmaAccess.ReadWrite).Status);
    }

    [Fact]
    public void Memory_that_has_left_is_refused()
    {
        var space = WithMemory(out var mapper);
        space.Ram.Retire();
        Assert.Equal(MapResult.Of(MapStatus.MemoryGone), mapper.MapNotify(0, 0x1000, 0, DmaAccess.Read));
    }

    [Fact]
    public void A_guest_invalidates_what_it_likes_but_cuts_no_mapping()
    {
        var space = new HotSpace();
        Assert.Equal(MapResult.Ok, space.Mapper.UnmapNotify(0, 0xffff));
        Assert.Equal(MapResult.Of(MapStatus.BadRange), space.Mapper.UnmapNotify(5, 4));
        Assert.True(space.Map(1).IsOk && space.Map(5, pages: 2).IsOk && space.Map(9).IsOk);
        Assert.Equal(MapResult.Of(MapStatus.NotMapped), space.Mapper.UnmapNotify(0x6000, 0x9fff));
        Assert.Equal(3, space.Mapped().Count);
        Assert.Equal(MapResult.Ok, space.Mapper.UnmapNotify(0, 0x7fff));
        Assert.Equal([HotSpace.At(9)], space.Mapped());
        Assert.Equal(MapResult.Ok, space.Mapper.UnmapNotify(0, ulong.MaxValue));
        Assert.Empty(space.Mapped());
        Assert.Equal($"unmap {IovaRange.All}", space.Containers[0].Calls[^1]);
    }

    [Fact]
    public void A_hot_map_outside_the_hot_windows_is_refused_and_a_view_is_not_touched_by_a_guest()
    {
        var space = new HotSpace();
        space.Rings[0].Run(turn => turn.SetHotWindows(new ValidIovaRanges([HotSpace.At(0x100, 0x100)])));
        Assert.True(space.Rings[0].Run(turn => turn.Map(HotSpace.At(1), space.Ram, 0, DmaAccess.ReadWrite)).Value.IsOk);
        Assert.Equal(MapStatus.NotHot, space.Map(2).Status);
        Assert.Equal(MapStatus.NotHot, space.Map(0x1ff, pages: 2).Status);
        Assert.Equal(MapStatus.NotHot, space.Mapper.TryUnmap(HotSpace.At(1)).Status);
        Assert.Equal(MapResult.Ok, space.Map(0x100));
        Assert.Equal(MapResult.Ok, space.Mapper.UnmapNotify(0, ulong.MaxValue));
        Assert.Equal([HotSpace.At(1)], space.Mapped());
    }

    [Fact]
    public void What_is_hot_no_longer_is_unmapped_and_a_mapping_across_its_end_goes_as_a_whole()
    {
        var space = new HotSpace();
        Assert.True(space.Map(0x10).IsOk && space.Map(0x1f, pages: 2).IsOk && space.Map(0x30).IsOk);
        var report = space.Rings[0].Run(turn => turn.SetHotWindows(new ValidIovaRanges([HotSpace.At(0x20, 0x20)]))).Value;
        Assert.Equal(new UnmapReport(2, 0x3000, 0, MapResult.Ok), report);
        Assert.Equal([HotSpace.At(0x30)], space.Mapped());
        Assert.Equal(MapStatus.NotHot, space.Map(0x10).Status);
    }

    [Fact]
    public void What_cannot_be_unmapped_when_it_is_hot_no_longer_stays_dying_and_is_told()
    {
        var space = new HotSpace();
        Assert.True(space.Map(1).IsOk && space.Map(2).IsOk);
        space.Containers[0].OnUnmap = range => range == HotSpace.At(2) || range.Length > 0x1000 ? (Errno.EIO, 0) : null;
        var report = space.Rings[0].Run(turn => turn.SetHotWindows(new ValidIovaRanges([]))).Value;
        Assert.Equal(new UnmapReport(1, 0x1000, 1, MapResult.Refused(Errno.EIO)), report);
        var state = space.Rings[0].Run(turn => turn.GetState()).Value!;
        Assert.Equal((1, 1, 1, HotSpace.At(2)), (state.Mappings, state.Dying, state.Hot, state.TaintedAt));
        Assert.Equal(1, space.Ram.Leases);
    }

    [Fact]
    [Trait("Requirement", "R0.9")]
    public void A_map_that_names_windows_which_have_changed_is_stale()
    {
        var space = new HotSpace(containers: 2);
        var seen = space.Mapper.Windows;
        Assert.Same(seen, space.Mapper.Windows);
        Assert.Equal(MapResult.Ok, space.Map(1, seen: seen));
        space.Containers[1].Info = space.Containers[1].Info with { Windows = new ValidIovaRanges([HotSpace.At(0, 0x10)]) };
        Assert.True(space.Rings[1].Run(turn => turn.Admit(space.Containers[1].Group(9), [])).Value!.IsDone);
        Assert.Equal(MapResult.Of(MapStatus.Stale), space.Map(2, seen: seen));
        Assert.Equal([HotSpace.At(1)], space.Mapped(0));
        var now = space.Mapper.Windows;
        Assert.Equal(seen.Generation + 1, now.Generation);
        Assert.Equal(new ValidIovaRanges([HotSpace.At(0, 0x10)]), now.Windows);
        Assert.Equal(0x1000UL, now.PageSizes.Smallest);
        Assert.Equal(MapResult.Ok, space.Map(2, seen: now));
        space.Mapper.PublishLanes([new DmaLane(space.Rings[0])]);
        Assert.Equal(MapResult.Of(MapStatus.Stale), space.Map(3, seen: now));
    }

    [Fact]
    public void A_container_that_is_filled_takes_what_it_has_already_and_lacks_what_it_lacks()
    {
        var space = new HotSpace(containers: 2);
        space.Mapper.PublishLanes([new DmaLane(space.Rings[0])]);
        Assert.True(space.Map(1).IsOk && space.Map(2).IsOk);
        space.Mapper.PublishLanes([new DmaLane(space.Rings[0]), new DmaLane(space.Rings[1], IsFilling: true)]);
        Assert.Equal(MapResult.Ok, space.Mapper.TryUnmap(HotSpace.At(2)));
        Assert.Equal(MapResult.Ok, space.Map(3));
        space.Mapper.PublishMemory(Memory(space));
        Assert.Equal(MapResult.Ok, space.Mapper.MapNotify(0x1000, 0x1000, 0x1000, DmaAccess.ReadWrite, isReplay: true));
        Assert.Equal(MapResult.Ok, space.Mapper.MapNotify(0x3000, 0x1000, 0x3000, DmaAccess.ReadWrite, isReplay: true));
        Assert.Equal(space.Mapped(0), space.Mapped(1));
        Assert.Equal(MapStatus.Overlaps, space.Mapper.MapNotify(0x1000, 0x1000, 0x5000, DmaAccess.ReadWrite, isReplay: true).Status);
        Assert.Equal(MapStatus.Overlaps, space.Map(1).Status);
        Assert.Equal(4, space.Ram.Leases);
    }

    [Fact]
    public void A_replay_that_a_new_container_refuses_takes_nothing_from_the_others()
    {
        var space = WithMemory(out var mapper, containers: 2);
        mapper.PublishLanes([new DmaLane(space.Rings[0])]);
        Assert.Equal(MapResult.Ok, space.Map(1));
        mapper.PublishLanes([new DmaLane(space.Rings[0]), new DmaLane(space.Rings[1], IsFilling: true)]);
        space.Containers[1].MapErrno = Errno.ENOMEM;
        Assert.Equal(Enomem, mapper.MapNotify(0x1000, 0x1000, 0x1000, DmaAccess.ReadWrite, isReplay: true));
        Assert.Equal([HotSpace.At(1)], space.Mapped(0));
    }

    [Fact]
    public void A_container_that_closes_takes_no_map_and_keeps_no_unmap_from_the_others()
    {
        var space = new HotSpace(containers: 2);
        Assert.Equal(MapResult.Ok, space.Map(1));
        Assert.True(space.Rings[1].Run(turn => turn.Close()).Value!.IsClosed);
        Assert.Equal(MapStatus.Closed, space.Map(2).Status);
        Assert.Equal([HotSpace.At(1)], space.Mapped(0));
        Assert.Equal(MapResult.Ok, space.Mapper.TryUnmap(HotSpace.At(1)));
        space.Mapper.PublishLanes([new DmaLane(space.Rings[0])]);
        Assert.Equal(MapResult.Ok, space.Map(2));
        Assert.Equal(1, space.Ram.Leases);
    }

    [Fact]
    public void The_last_entries_are_kept_for_views()
    {
        var space = new HotSpace();
        space.Containers[0].Info = space.Containers[0].Info with { EntriesLeft = 205 };
        Assert.True(space.Rings[0].Run(turn => turn.Admit(space.Containers[0].Group(9), [])).Value!.IsDone);
        for (var page = 0UL; page < 203; page++)
        {
            Assert.Equal(MapResult.Ok, space.Map(page));
        }

        Assert.Equal(MapResult.Of(MapStatus.OutOfMappings), space.Map(1000));
        Assert.Equal(MapResult.Of(MapStatus.Overlaps), space.Map(1));
        for (var page = 1000UL; page < 1002; page++)
        {
            Assert.True(space.Rings[0].Run(turn => turn.Map(HotSpace.At(page), space.Ram, 0, DmaAccess.Read)).Value.IsOk);
        }

        Assert.Equal(MapStatus.OutOfMappings, space.Rings[0].Run(turn => turn.Map(HotSpace.At(1002), space.Ram, 0, DmaAccess.Read)).Value.Status);
        var state = space.Rings[0].Run(turn => turn.GetState()).Value!;
        Assert.Equal((205, 203, 0u), (state.Mappings, state.Hot, state.EntriesLeft));
        Assert.Equal(MapResult.Ok, space.Mapper.TryUnmap(HotSpace.At(1)));
        Assert.Equal(202, space.Rings[0].Run(turn => turn.GetState()).Value!.Hot);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_pair_of_map_and_unmap_allocates_nothing(bool isListenedTo)
    {
        using var meters = new VfioMeters();
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => ListenTo(instrument, listener) };
        var told = 0;
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => told++);
        listener.SetMeasurementEventCallback<int>((_, _, _, _) => told++);
        listener.Start();
        void ListenTo(Instrument instrument, MeterListener listener)
        {
            if (isListenedTo && instrument.Meter == meters.Meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        }

        // What the container behind it allocates is its own: the same pairs on it alone are taken off.
        var space = new HotSpace(meters: meters);
        long Allocated(int pairs)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var pair = 0; pair < pairs; pair++)
            {
                Assert.True(space.Mapper.TryMap(HotSpace.At(7), space.Ram, 0, DmaAccess.Read).IsOk && space.Mapper.TryUnmap(HotSpace.At(7)).IsOk);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        long AllocatedByContainer(int pairs)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var pair = 0; pair < pairs; pair++)
            {
                Assert.True(space.Containers[0].Map(HotSpace.At(7), space.Ram.Address, DmaAccess.Read).IsOk);
                Assert.True(space.Containers[0].Unmap(HotSpace.At(7), out _).IsOk);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        _ = (Allocated(10), AllocatedByContainer(10));
        space.Containers[0].Calls.Capacity = 10_000;
        Assert.Equal(AllocatedByContainer(100), Allocated(100));
        Assert.Equal(isListenedTo, told > 4 * 100);
    }

    private static HotSpace WithMemory(out DmaMapper mapper, int containers = 1)
    {
        var space = new HotSpace(containers);
        mapper = space.Mapper;
        mapper.PublishMemory(Memory(space));
        return space;
    }

    /// <summary>2 MiB, with a read-only piece, cut where the guest's firmware cuts it.</summary>
    private static FlatView Memory(HotSpace space) => new(
    [
        Section(space, 0, 0xe_ffff),
        Section(space, 0xf_0000, 0xf_ffff, readOnly: true),
        Section(space, 0x10_0000, 0x17_ffff),
        Section(space, 0x18_0000, 0x1f_ffff),
        new MemorySection(IovaRange.FromBounds(0x20_0000, 0x2f_ffff), SectionKind.Io, "mmio", 0, ReadOnly: false, Block: null, 0),
    ]);

    private static MemorySection Section(HotSpace space, ulong start, ulong last, bool readOnly = false) =>
        new(IovaRange.FromBounds(start, last), SectionKind.Ram, "pc.ram", start, readOnly, space.Ram, start);
}
