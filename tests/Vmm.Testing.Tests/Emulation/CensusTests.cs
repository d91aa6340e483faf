using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Tests.Emulation;

public sealed class CensusTests
{
    /// <summary>Every order of closing device, BAR, group, container and of unmapping guest memory.</summary>
    public static TheoryData<string> Orders
    {
        get
        {
            var orders = new TheoryData<string>();
            foreach (var order in Permutations("dbgcm"))
            {
                orders.Add(order);
            }

            return orders;
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void Nothing_is_left_whatever_is_closed_first(string order)
    {
        using var rig = new Rig();
        var (container, groups) = rig.Ready(1);
        var file = Rig.Good(rig.Kernel.CreateMemfd("ram", 0x10000)).Descriptor;
        var memory = new HostAddress((ulong)Rig.Good(rig.Kernel.Map(0x10000, MappingProtection.ReadWrite, MappingSharing.Shared, file, 0)).Value);
        Rig.Good(rig.Kernel.CloseMemfd(file));
        var device = Rig.Good(rig.Device(groups[0], Rig.NetworkCard)).Descriptor;
        var bar = new HostAddress((ulong)Rig.Good(rig.Kernel.Map(0x4000, MappingProtection.ReadWrite, MappingSharing.Shared, device, 0)).Value);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, memory.Value, 0, 0x10000));
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, bar.Value, 0x10_0000, 0x4000));
        Assert.Equal((3, 20UL, 16UL), (rig.Kernel.Census().Descriptors, rig.Kernel.Census().PinnedPages, rig.Kernel.Census().LockedPages));

        foreach (var what in order)
        {
            Assert.False(rig.Kernel.Census().IsEmpty);
            Rig.Good(what switch
            {
                'd' => rig.Kernel.Close(device),
                'b' => rig.Kernel.Unmap(bar, 0x4000),
                'g' => rig.Kernel.Close(groups[0]),
                'c' => rig.Kernel.Close(container),
                _ => rig.Kernel.Unmap(memory, 0x10000),
            });
        }

        Assert.Equal("nothing", rig.Kernel.Census().ToString());
        rig.Group(1);
    }

    [Fact]
    public void A_descriptor_is_a_real_one_and_its_number_is_free_again()
    {
        using var rig = new Rig();
        var container = rig.Container();
        Assert.NotNull(new FileInfo($"/proc/self/fd/{container}").LinkTarget);
        Assert.Equal(1, rig.Kernel.Census().Containers);
        Assert.Contains("1 container", rig.Kernel.Census().ToString(), StringComparison.Ordinal);
        Rig.Good(rig.Kernel.Close(container));
        Assert.True(rig.Kernel.Census().IsEmpty);
    }

    [Fact]
    public void Disposing_takes_everything_back()
    {
        var rig = new Rig();
        var (container, groups) = rig.Ready(1);
        Rig.Good(rig.Device(groups[0], Rig.NetworkCard));
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(0x1000), 0, 0x1000));
        Rig.Good(rig.Kernel.Listen());
        rig.Dispose();
        Assert.Equal("nothing", rig.Kernel.Census().ToString());
    }

    private static IEnumerable<string> Permutations(string letters) => letters.Length <= 1
        ? [letters]
        : letters.SelectMany(first => Permutations(letters.Replace(first.ToString(), "", StringComparison.Ordinal)).Select(rest => first + rest));
}
