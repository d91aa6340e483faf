using Vmm.Iommu.Addressing;

namespace Vmm.Benchmarks.Tests;

/// <summary>What the hot path is measured over: on the emulated kernel by each backend as on a real one, and over calls that do nothing.</summary>
public class HotContainerTests
{
    public static TheoryData<string> Grounds => ["nothing", "type1", "iommufd"];

    [Theory, MemberData(nameof(Grounds))]
    public void Bare_calls_the_container_and_the_mapper_map_the_same_page_in_turn(string ground)
    {
        using var opened = Open(ground);
        using var space = new HotSpace(opened);

        opened.BarePairs(HotSpace.At(7), 2);
        opened.Pairs(HotSpace.At(7), 2);
        space.Pair(7);
    }

    [Theory, InlineData("type1"), InlineData("iommufd")]
    public void Bare_calls_that_a_kernel_refuses_are_no_figures(string ground)
    {
        using var opened = Open(ground);
        Assert.True(opened.Container.Map(HotSpace.At(7), opened.Ram, 0, DmaAccess.ReadWrite).IsOk);

        Assert.Throws<InvalidOperationException>(() => opened.BarePairs(HotSpace.At(7), 1));
        Assert.Throws<InvalidOperationException>(() => opened.Pairs(HotSpace.At(7), 1));
        Assert.True(opened.Container.Unmap(HotSpace.At(7), out _).IsOk);
    }

    [Theory, InlineData("type1"), InlineData("iommufd")]
    public void The_other_member_joins_and_leaves(string ground)
    {
        using var opened = Open(ground);
        using var space = new HotSpace(opened);

        space.Turn(turn => Assert.True(turn.Admit(opened.Other!, []).IsDone));
        space.Turn(turn => Assert.True(turn.Evict(opened.Other!).IsDone));
    }

    [Theory, MemberData(nameof(Grounds))]
    public void Merged_posts_are_counted_as_the_one_call_that_they_become(string ground)
    {
        using var opened = Open(ground);
        var counted = new CountingContainer(opened.Container);
        using var space = new HotSpace(opened, counted);
        var batch = space.Mapper.NewBatch();

        for (var page = 0UL; page < 16; page++)
        {
            batch.PostMap(HotSpace.At(page), space.Ram, page * HotSpace.Page, DmaAccess.ReadWrite, mayMerge: true);
        }

        batch.Flush();

        Assert.True(batch[15].IsOk);
        Assert.Equal(1, counted.Calls);
        Assert.True(space.Mapper.TryUnmap(HotSpace.Pages(0, 16)).IsOk);
        Assert.Equal(2, counted.Calls);
    }

    private static HotContainer Open(string ground) => ground switch
    {
        "type1" => HotContainer.OnEmulated(HotContainer.Type1),
        "iommufd" => HotContainer.OnEmulated(HotContainer.Iommufd),
        _ => HotContainer.NoOp(),
    };
}
