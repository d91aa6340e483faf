using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.HotPath;

public sealed class DmaBatchTests
{
    [Fact]
    public void Nothing_is_done_before_the_flush_and_every_ticket_has_its_answer_then()
    {
        var space = new HotSpace();
        var batch = space.Mapper.NewBatch(4);
        Assert.Equal(0, Post(batch, space, 1));
        Assert.Equal(1, Post(batch, space, 1));
        Assert.Equal(2, batch.PostUnmap(HotSpace.At(5)));
        Assert.Empty(space.Containers[0].Calls);
        Assert.Throws<InvalidOperationException>(() => batch[0]);
        batch.Flush();
        Assert.Equal([MapStatus.Ok, MapStatus.Overlaps, MapStatus.NotMapped], Statuses(batch));
        Assert.Equal([HotSpace.At(1)], space.Mapped());
    }

    [Fact]
    public void A_flush_behind_a_flush_leaves_answers_and_mappings_as_they_are()
    {
        var space = new HotSpace(containers: 2);
        Assert.True(space.Map(0).IsOk && space.Map(1).IsOk);
        Assert.True(space.Rings[1].Run(turn => turn.Unmap(HotSpace.At(1))).Value.IsOk);
        var batch = space.Mapper.NewBatch();
        batch.PostUnmap(HotSpace.At(1));
        batch.Flush();
        Array.ForEach(space.Containers, container => container.Calls.Clear());
        batch.Flush();
        Assert.Equal([MapStatus.Ok], Statuses(batch));
        Assert.All(space.Containers, container => Assert.Empty(container.Calls));
        Assert.Equal([HotSpace.At(0)], space.Mapped(0));
    }

    [Fact]
    public void Neighbouring_unmaps_are_one_call()
    {
        var space = new HotSpace(capacity: 1023);
        var batch = space.Mapper.NewBatch();
        MapPages(space, 600);
        for (var page = 0UL; page < 512; page++)
        {
            batch.PostUnmap(HotSpace.At(page));
        }

        Assert.True(batch.IsFull);
        Assert.Throws<InvalidOperationException>(() => batch.PostUnmap(HotSpace.At(600)));
        batch.Flush();
        Assert.All(Statuses(batch), status => Assert.Equal(MapStatus.Ok, status));
        Assert.Equal([$"unmap {HotSpace.At(0, 512)}"], space.Containers[0].Calls);
        Assert.Equal(88, space.Mapped().Count);
        Assert.Equal(88, space.Ram.Leases);
    }

    [Fact]
    public void Only_unmaps_that_succeed_alone_are_done_together()
    {
        var space = new HotSpace();
        MapPages(space, 4);
        Assert.True(space.Map(6, pages: 2).IsOk && space.Map(8).IsOk);
        space.Containers[0].Calls.Clear();
        var batch = space.Mapper.NewBatch();
        foreach (var page in (ulong[])[0, 1, 3, 4, 5, 6, 7, 8])
        {
            batch.PostUnmap(HotSpace.At(page));
        }

        batch.Flush();
        Assert.Equal(
            [MapStatus.Ok, MapStatus.Ok, MapStatus.Ok, MapStatus.NotMapped, MapStatus.NotMapped, MapStatus.NotMapped, MapStatus.NotMapped, MapStatus.Ok],
            Statuses(batch));
        Assert.Equal([$"unmap {HotSpace.At(0, 2)}", $"unmap {HotSpace.At(3)}", $"unmap {HotSpace.At(8)}"], space.Containers[0].Calls);
        Assert.Equal([HotSpace.At(2), HotSpace.At(6, 2)], space.Mapped());
    }

    [Fact]
    public void A_failure_together_is_repeated_piece_by_piece_and_what_is_gone_by_then_is_a_success()
    {
        var space = new HotSpace();
        MapPages(space, 3);
        space.Containers[0].OnUnmap = range =>
        {
            if (range.Length == 0x3000)
            {
                // It failed after a part of its effect.
                space.Containers[0].Mapped.Remove(new Iova(0));
                return (Errno.EIO, 0);
            }

            return range == HotSpace.At(1) ? (Errno.EIO, 0) : null;
        };
        var batch = space.Mapper.NewBatch();
        for (var page = 0UL; page < 3; page++)
        {
            batch.PostUnmap(HotSpace.At(page));
        }

        batch.Flush();
        Assert.Equal([MapStatus.Ok, MapStatus.Refused, MapStatus.Ok], Statuses(batch));
        Assert.Equal(Errno.EIO, batch[1].Errno);
        Assert.Equal([HotSpace.At(1)], space.Mapped());
        var state = space.Rings[0].Run(turn => turn.GetState()).Value!;
        Assert.Equal((1, HotSpace.At(1)), (state.Dying, state.TaintedAt));
    }

    [Fact]
    public void A_failure_together_that_each_alone_mends_taints_nothing()
    {
        var space = new HotSpace();
        MapPages(space, 2);
        space.Containers[0].OnUnmap = range => range.Length > 0x1000 ? (Errno.EIO, 0) : null;
        var batch = space.Mapper.NewBatch();
        batch.PostUnmap(HotSpace.At(0));
        batch.PostUnmap(HotSpace.At(1));
        batch.Flush();
        Assert.Equal([MapStatus.Ok, MapStatus.Ok], Statuses(batch));
        Assert.False(space.Rings[0].Run(turn => turn.GetState()).Value!.IsTainted);
        Assert.Equal(MapResult.Ok, space.Map(0));
    }

    [Fact]
    public void Maps_become_one_mapping_only_where_the_poster_lets_them_and_their_memory_goes_on()
    {
        var space = new HotSpace();
        var batch = space.Mapper.NewBatch();
        Post(batch, space, 0);
        Post(batch, space, 1);
        Post(batch, space, 4, mayMerge: true);
        Post(batch, space, 5, mayMerge: true);
        batch.PostMap(HotSpace.At(6), space.Ram, 0, DmaAccess.ReadWrite, mayMerge: true);
        batch.PostMap(HotSpace.At(7), space.Ram, HotSpace.Page, DmaAccess.Read, mayMerge: true);
        batch.Flush();
        Assert.All(Statuses(batch), status => Assert.Equal(MapStatus.Ok, status));
        Assert.Equal([HotSpace.At(0), HotSpace.At(1), HotSpace.At(4, 2), HotSpace.At(6), HotSpace.At(7)], space.Mapped());
        Assert.Equal(MapStatus.NotMapped, space.Mapper.TryUnmap(HotSpace.At(5)).Status);
        Assert.Equal(MapResult.Ok, space.Mapper.TryUnmap(HotSpace.At(4, 2)));
    }

    [Fact]
    public void Merged_maps_that_fail_are_tried_one_by_one()
    {
        var space = new HotSpace();
        Assert.Equal(MapResult.Ok, space.Map(2));
        var batch = space.Mapper.NewBatch();
        for (var page = 1UL; page < 4; page++)
        {
            Post(batch, space, page, mayMerge: true);
        }

        batch.Flush();
        Assert.Equal([MapStatus.Ok, MapStatus.Overlaps, MapStatus.Ok], Statuses(batch));
        Assert.Equal([HotSpace.At(1), HotSpace.At(2), HotSpace.At(3)], space.Mapped());
        Assert.Equal(3, space.Ram.Leases);
    }

    [Fact]
    public void A_posted_map_that_one_container_refuses_is_taken_back_from_the_others()
    {
        var space = new HotSpace(containers: 2);
        Assert.True(space.Rings[1].Run(turn => turn.Map(HotSpace.At(2), space.Ram, 0, DmaAccess.Read)).Value.IsOk);
        var batch = space.Mapper.NewBatch();
        Post(batch, space, 1, mayMerge: true);
        Post(batch, space, 2, mayMerge: true);
        batch.Flush();
        Assert.Equal([MapStatus.Ok, MapStatus.Overlaps], Statuses(batch));
        Assert.Equal([HotSpace.At(1)], space.Mapped(0));
        Assert.Equal([HotSpace.At(1), HotSpace.At(2)], space.Mapped(1));
    }

    [Fact]
    public void A_batch_is_larger_than_the_ring_and_used_again()
    {
        var space = new HotSpace(capacity: 3);
        var batch = space.Mapper.NewBatch(40);
        for (var round = 0; round < 3; round++)
        {
            for (var page = 0UL; page < 40; page++)
            {
                Assert.Equal((int)page, Post(batch, space, page));
            }

            batch.Flush();
            Assert.All(Statuses(batch), status => Assert.Equal(MapStatus.Ok, status));
            for (var page = 0UL; page < 40; page++)
            {
                Assert.Equal((int)page, batch.PostUnmap(HotSpace.At(page)));
            }

            batch.Flush();
            Assert.All(Statuses(batch), status => Assert.Equal(MapStatus.Ok, status));
            Assert.Empty(space.Mapped());
        }
    }

    [Fact]
    public void What_is_posted_is_done_before_what_another_caller_asks_for_behind_it()
    {
        var space = new HotSpace();
        var batch = space.Mapper.NewBatch();
        Post(batch, space, 1);
        Assert.Equal(MapStatus.Overlaps, space.Map(1).Status);
        batch.Flush();
        Assert.Equal(MapStatus.Ok, batch[0].Status);
    }

    [Fact]
    public void Posts_to_a_closed_container_are_answered_so()
    {
        var space = new HotSpace();
        var batch = space.Mapper.NewBatch();
        Post(batch, space, 1);
        space.Rings[0].Run(turn => turn.Close());
        Post(batch, space, 2);
        batch.PostUnmap(HotSpace.At(1));
        batch.Flush();
        Assert.Equal([MapStatus.Ok, MapStatus.Closed, MapStatus.Closed], Statuses(batch));
        Assert.Equal(0, space.Ram.Leases);
    }

    [Fact]
    public void A_round_of_posts_allocates_nothing()
    {
        var space = new HotSpace();
        var batch = space.Mapper.NewBatch();
        long Round()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var page = 0UL; page < 20; page++)
            {
                batch.PostUnmap(HotSpace.At(page));
            }

            batch.Flush();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Round();
        Assert.Equal(0, Round());
    }

    private static int Post(DmaBatch batch, HotSpace space, ulong page, bool mayMerge = false) =>
        batch.PostMap(HotSpace.At(page), space.Ram, page * HotSpace.Page, DmaAccess.ReadWrite, mayMerge);

    private static void MapPages(HotSpace space, ulong pages)
    {
        for (var page = 0UL; page < pages; page++)
        {
            Assert.True(space.Map(page).IsOk);
        }

        space.Containers[0].Calls.Clear();
    }

    private static MapStatus[] Statuses(DmaBatch batch) => [.. Enumerable.Range(0, batch.Count).Select(ticket => batch[ticket].Status)];
}
