using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

/// <summary>Who holds what: every order of closing leaves nothing, and DMA ends when its last holder goes.</summary>
public sealed class IommufdLifetimeTests
{
    private const ulong Page = IommufdRig.Page;

    /// <summary>Cdev, iommufd, BAR mapping, IOAS' mapping, in every order; and the same by way of the group.</summary>
    public static TheoryData<string> Orders => [.. Permutations("dibm"), .. Permutations("dibg")];

    [Theory]
    [MemberData(nameof(Orders))]
    [Trait("Requirement", "R2.5")]
    public void Every_order_of_closing_leaves_nothing(string order)
    {
        ArgumentNullException.ThrowIfNull(order);
        using var rig = new IommufdRig();
        var group = order.Contains('g', StringComparison.Ordinal) ? rig.Rig.Group(1) : -1;
        var device = group < 0 ? rig.Attached(Rig.NetworkCard, rig.Ioas()).Cdev : OpenByGroup(rig, group);
        var bar = (ulong)Rig.Good(rig.Kernel.Map(Page, MappingProtection.ReadWrite, MappingSharing.Shared, device, 0)).Value;
        Assert.Equal(Errno.None, rig.MapAt(1, rig.Rig.Memory(4 * Page), 4 * Page, 0));
        var isMapped = true;
        for (var step = 0; step < order.Length; step++)
        {
            switch (order[step])
            {
                case 'd':
                    Rig.Good(rig.Kernel.Close(device));
                    break;
                case 'i':
                    Rig.Good(rig.Kernel.Close(rig.File));
                    break;
                case 'b':
                    Rig.Good(rig.Kernel.Unmap(new HostAddress(bar), Page));
                    break;
                case 'g':
                    Rig.Good(rig.Kernel.Close(group));
                    break;
                default:
                    var closed = order[..step].Contains('i', StringComparison.Ordinal);
                    Assert.Equal(closed ? Errno.EBADF : Errno.None, rig.Unmap(1, 0, 4 * Page).Errno);
                    isMapped = closed;
                    break;
            }

            // The device holds its page table until its descriptor and its BAR are gone, and the iommufd with it.
            var done = order[..(step + 1)];
            var isOpen = !(done.Contains('d', StringComparison.Ordinal) && done.Contains('b', StringComparison.Ordinal));
            Assert.Equal(isOpen, rig.Kernel.Host.Group(1).IsOwned);
            Assert.Equal(isOpen && isMapped ? 4UL : 0, rig.Census.PinnedPages);
            Assert.Equal(isOpen && isMapped, rig.Kernel.DmaWrite(Rig.NetworkCard, new Iova(0), "x"u8).IsCompleted);
        }

        Assert.Equal((0, 0, 0, 0UL), (rig.Census.Contexts, rig.Census.Areas, rig.Census.BoundDevices, rig.Census.LockedPages));
    }

    [Fact]
    public void A_mapping_of_a_devices_own_file_keeps_the_device_open()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        var (cdev, _) = rig.Bound(Rig.NetworkCard);
        Assert.Equal(Errno.None, rig.MapFile(ioas, IommufdRig.FixedReadWrite, cdev, 0, Page, 0).Errno);
        Rig.Good(rig.Kernel.Close(cdev));
        Assert.Equal(1, rig.Census.BoundDevices);

        Assert.Equal(Errno.None, rig.Unmap(ioas, 0, Page).Errno);
        Assert.Equal(0, rig.Census.BoundDevices);
    }

    [Fact]
    public void A_device_that_is_mapped_into_its_own_iommufd_stays_bound_for_ever()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        var (cdev, _) = rig.Bound(Rig.NetworkCard);
        Assert.Equal(Errno.None, rig.MapFile(ioas, IommufdRig.FixedReadWrite, cdev, 0, Page, 0).Errno);
        Rig.Good(rig.Kernel.Close(cdev));
        Rig.Good(rig.Kernel.Close(rig.File));
        rig.File = rig.Rig.Open("/dev/iommu");
        Assert.Equal((1, 1), (rig.Census.BoundDevices, rig.Census.Areas));
    }

    [Fact]
    public void Closing_an_iommufd_with_mappings_and_page_tables_takes_them_along()
    {
        using var rig = new IommufdRig();
        var (first, second) = (rig.Ioas(), rig.Ioas());
        var (cdev, device) = rig.Bound(Rig.NetworkCard);
        Assert.Equal(Errno.None, rig.Hwpt(device, first).Errno);
        for (var area = 0UL; area < 10; area++)
        {
            Assert.Equal(Errno.None, rig.MapAt(first, rig.Rig.Memory(Page), Page, area * Page));
        }

        Assert.Equal(Errno.None, rig.Copy(second, first, 7, Page, 0, 0).Errno);
        Assert.Equal((10UL, 11, 1), (rig.Census.PinnedPages, rig.Census.Areas, rig.Census.PageTables));
        Assert.Contains("2 IOAS with 11 mappings", rig.Census.ToString(), StringComparison.Ordinal);
        Rig.Good(rig.Kernel.Close(rig.File));
        Assert.Equal((10UL, 1), (rig.Census.PinnedPages, rig.Census.Contexts));
        Rig.Good(rig.Kernel.Close(cdev));
        Assert.Equal((0UL, 0), (rig.Census.PinnedPages, rig.Census.Contexts));
    }

    [Fact]
    public void Disposing_takes_everything_back()
    {
        var rig = new IommufdRig();
        var ioas = rig.Ioas();
        rig.Attached(Rig.NetworkCard, ioas);
        rig.Attached(Rig.Mediated, ioas);
        var file = Rig.Good(rig.Kernel.CreateMemfd("test", Page)).Descriptor;
        Assert.Equal(Errno.None, rig.MapFile(ioas, 7, file, 0, Page, 0).Errno);
        rig.Dispose();
        Assert.True(rig.Census.IsEmpty, rig.Census.ToString());
    }

    [Fact]
    public void A_fault_queue_is_held_by_its_descriptor_and_its_page_table_takes_no_device()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        var (cdev, device) = rig.Bound(Rig.NetworkCard);
        var bytes = IommufdRig.Words(0, 0, 0);
        var code = new IoctlCode(IommufdUapi.Destroy.Number + 14, "IOMMU_FAULT_QUEUE_ALLOC", true);
        Assert.Equal(Errno.None, rig.Call(code, bytes));
        var (queue, descriptor) = (IommufdRig.Word(bytes, 8), (int)IommufdRig.Word(bytes, 12));
        var alloc = IommufdRig.Words(IommufdUapi.HwptFaultIdValid, device, ioas, 0, 0, 0, 0, 0, 0, queue, 0);
        Assert.Equal(Errno.None, rig.Call(IommufdUapi.HwptAlloc, alloc));
        var table = IommufdRig.Word(alloc, 16);
        Assert.Equal(Errno.ENODEV, rig.Attach(cdev, table).Errno);
        Assert.Equal(Errno.EBUSY, rig.Destroy(queue));
        Rig.Good(rig.Kernel.Close(descriptor));
        Assert.Equal(Errno.EBUSY, rig.Destroy(queue));
        Assert.Equal((Errno.None, Errno.None), (rig.Destroy(table), rig.Destroy(queue)));
    }

    private static int OpenByGroup(IommufdRig rig, int group)
    {
        Assert.Equal(Errno.None, rig.Rig.SetContainer(group, rig.File));
        return Rig.Good(rig.Rig.Device(group, Rig.NetworkCard)).Descriptor;
    }

    private static IEnumerable<string> Permutations(string letters) => letters.Length <= 1
        ? [letters]
        : letters.SelectMany(first => Permutations(letters.Replace(first.ToString(), "", StringComparison.Ordinal)).Select(rest => first + rest));
}
