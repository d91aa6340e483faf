using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Containers;

public sealed class HotResetPlanTests
{
    private const string Device = "0000:02:01.0";

    [Theory]
    [InlineData("6,6", "6", "6", "")]
    [InlineData("6,7", "7,6,9", "6,7", "")]
    [InlineData("6,7", "6", "", "0000:02:02.0 of group 7")]
    [InlineData("6,7", "", "", "0000:02:01.0 of group 6, 0000:02:02.0 of group 7")]
    public void Every_group_of_the_bus_is_shown_or_named(string scope, string held, string groups, string words)
    {
        var devices = Numbers(scope).Select((group, at) => Entry((uint)group, at)).ToList();

        var plan = HotResetPlan.For(Device, HotResetScope.Of(devices, 0), Numbers(held));

        Assert.Equal(Numbers(groups), plan.Groups);
        Assert.Equal(words.Length == 0, plan.Refusal is null);
        Assert.Contains(words, plan.Refusal?.Words ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Of_an_iommufd_the_kernel_knows_what_is_bound()
    {
        var owned = HotResetScope.Of([Entry(3, 0), Entry(VfioUapi.DeviceIdOwned, 1)], VfioUapi.HotResetDeviceIds | VfioUapi.HotResetDeviceIdsOwned);
        Assert.True(HotResetPlan.For(Device, owned, []) is { Groups: [], Refusal: null });

        var foreign = HotResetScope.Of([Entry(3, 0), Entry(unchecked((uint)VfioUapi.DeviceIdNotOwned), 1)], VfioUapi.HotResetDeviceIds);
        var refusal = HotResetPlan.For(Device, foreign, [1, 2, 3]).Refusal!;
        Assert.Equal((Errno.EPERM, Device), (refusal.Errno, refusal.Target));
        Assert.Contains("reset 0000:02:02.0, which the VM has not", refusal.Words, StringComparison.Ordinal);
    }

    private static VfioUapi.DependentDevice Entry(uint owner, int at) =>
        new() { GroupOrDeviceId = owner, Segment = 0, Bus = 2, SlotAndFunction = (byte)((at + 1) << 3) };

    private static int[] Numbers(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
