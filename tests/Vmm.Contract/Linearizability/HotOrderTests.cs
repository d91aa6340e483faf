using Vmm.Iommu.Results;

namespace Vmm.Contract.Linearizability;

/// <summary>The search that explains histories, on histories written by hand.</summary>
public sealed class HotOrderTests
{
    private static readonly HotState Start = new() { Hot = 0x3f };

    [Theory]
    [InlineData(MapStatus.Ok, MapStatus.Overlaps, true)]
    [InlineData(MapStatus.Overlaps, MapStatus.Ok, true)]
    [InlineData(MapStatus.Ok, MapStatus.Ok, false)]
    [InlineData(MapStatus.Overlaps, MapStatus.Overlaps, false)]
    public void Of_two_maps_at_one_place_one_has_it(MapStatus first, MapStatus second, bool isExplained)
    {
        List<HotEvent> one = [new(new HotOperation(HotOperationKind.Map, 1, 1), 1, 4, (int)first)];
        List<HotEvent> other = [new(new HotOperation(HotOperationKind.Map, 1, 1), 2, 3, (int)second)];
        Assert.Equal(isExplained, HotOrder.TryExplain(Start, [one, other], owners: 0x20, out _));
    }

    [Fact]
    public void What_was_answered_before_another_was_asked_comes_before_it()
    {
        List<HotEvent> one = [new(new HotOperation(HotOperationKind.Map, 1, 1), 1, 2, (int)MapStatus.Overlaps)];
        List<HotEvent> other = [new(new HotOperation(HotOperationKind.Map, 1, 1), 3, 4, (int)MapStatus.Ok)];
        Assert.False(HotOrder.TryExplain(Start, [one, other], owners: 0x20, out _));
    }

    [Fact]
    public void What_is_left_behind_all_has_to_follow()
    {
        List<HotEvent> one = [new(new HotOperation(HotOperationKind.Map, 1, 1), 1, 2, (int)MapStatus.Ok)];
        Assert.True(HotOrder.TryExplain(Start, [one], owners: 0x20, out var after));
        Assert.Equal(Start with { Owners = 0x20 }, after);
        Assert.False(HotOrder.TryExplain(Start, [one], owners: 0, out _));
    }

    [Theory]
    [InlineData(HotOperationKind.Unmap, 1, 1, MapStatus.NotMapped, 0x220)]
    [InlineData(HotOperationKind.Unmap, 0, 6, MapStatus.Ok, 0)]
    [InlineData(HotOperationKind.Clear, 3, 2, MapStatus.Ok, 0x220)]
    [InlineData(HotOperationKind.Clear, 0, 2, MapStatus.NotMapped, 0x220)]
    [InlineData(HotOperationKind.UnmapView, 1, 2, MapStatus.Ok, 0)]
    public void The_model_cuts_no_mapping(HotOperationKind kind, int first, int pages, MapStatus answer, int owners)
    {
        var (state, told) = (Start with { Owners = 0x220 }).After(new HotOperation(kind, first, pages));
        Assert.Equal(((int)answer, owners), (told, state.Owners));
    }
}
