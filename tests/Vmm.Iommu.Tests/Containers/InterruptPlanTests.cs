using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Tests.Containers;

public sealed class InterruptPlanTests
{
    private const uint Fixed = VfioUapi.IrqEventfd | VfioUapi.IrqNoResize;

    /// <summary>What is on (<c>index:events</c>), what is wanted, whether it grows; then what ends, what is set, and what is on afterwards.</summary>
    public static TheoryData<string, string, bool, string> Plans => new()
    {
        { "", "1:0:7", false, "set 0: 7; on 1: 7" },
        { "", "2:2:7,8", true, "set 2: 7,8; on 2: -1,-1,7,8" },
        { "0:7", "1:0:8", false, "end 0; set 0: 8; on 1: 8" },
        { "1:7,8", "2:1:9", true, "end 1; set 1: 9; on 2: -1,9" },
        { "1:7,8", "1:1:9", false, "set 1: 9; on 1: 7,9" },
        { "1:7", "1:0:-1", false, "set 0: -1; on 1: -1" },
        { "1:7", "1:1:8", false, "end 1; set 0: 7,8; on 1: 7,8" },
        { "1:7", "1:3:8", false, "end 1; set 0: 7,-1,-1,8; on 1: 7,-1,-1,8" },
        { "2:7", "2:3:8", true, "set 3: 8; on 2: 7,-1,-1,8" },
        { "2:7", "3:0:8", false, "set 0: 8; on 2: 7" },
        { "", "4:0:8", false, "set 0: 8; on -: " },
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public void A_kind_begins_grows_or_takes_the_place_of_another(string on, string wanted, bool canGrow, string expected)
    {
        var now = on.Length == 0 ? InterruptState.Off : new InterruptState(uint.Parse(on[..1]), Numbers(on[2..]));
        var parts = wanted.Split(':');
        var kind = new InterruptIndex(uint.Parse(parts[0]), 16, canGrow ? VfioUapi.IrqEventfd : Fixed);

        var plan = InterruptPlan.For(now, kind, uint.Parse(parts[1]), Numbers(parts[2]));

        var ends = plan.Ends is { } index ? $"end {index}; " : "";
        Assert.Equal(expected, $"{ends}set {plan.First}: {string.Join(',', plan.Events)}; on {plan.After.Mode?.ToString() ?? "-"}: {string.Join(',', plan.After.Events)}");
    }

    [Fact]
    public void What_a_kind_can_is_in_its_flags()
    {
        var intx = new InterruptIndex(VfioUapi.PciIntx, 1, VfioUapi.IrqEventfd | VfioUapi.IrqMaskable | VfioUapi.IrqAutomasked);
        Assert.True(intx is { TakesEvents: true, CanMask: true, MasksItself: true, CanGrow: true });
        var none = new InterruptIndex(VfioUapi.PciMsi, 0, Fixed);
        Assert.True(none is { TakesEvents: false, CanMask: false, MasksItself: false, CanGrow: false });
    }

    private static int[] Numbers(string text) => [.. text.Split(',').Select(int.Parse)];
}
