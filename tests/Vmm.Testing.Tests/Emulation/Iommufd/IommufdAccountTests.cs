using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

/// <summary>Locked memory, and the options of an iommufd.</summary>
public sealed class IommufdAccountTests
{
    private const ulong Page = IommufdRig.Page;
    private const ulong Max = ulong.MaxValue;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R3.12")]
    public void Pages_are_charged_once_a_map_up_to_the_limit(bool chargesProcess)
    {
        using var rig = new IommufdRig();
        rig.Kernel.Options.MemlockLimit = 8 * Page;
        Assert.Equal(Errno.None, rig.Option(IommufdUapi.OptionRlimitMode, IommufdUapi.OptionSet, 0, chargesProcess ? 1UL : 0).Errno);
        var (first, second) = (rig.Ioas(), rig.Ioas());
        var (cdev, _) = rig.Attached(Rig.NetworkCard, first);
        rig.Attached(Rig.Disk, second);
        var memory = rig.Rig.Memory(64 * Page);
        Assert.Equal(Errno.None, rig.MapAt(first, memory, 8 * Page, 0));
        Assert.Equal(Errno.ENOMEM, rig.MapAt(first, memory, Page, 0x10_0000));
        Assert.Equal(Errno.None, rig.Copy(second, first, 7, 8 * Page, 0x20_0000, 0).Errno);
        Assert.Equal(Errno.None, rig.Unmap(first, 0, Max).Errno);
        Assert.Equal(Errno.ENOMEM, rig.MapAt(first, memory, Page, 0x10_0000));

        // A bad address is found before anything is counted.
        rig.Kernel.Declare(new HostAddress(memory + (20 * Page)), Page, AddressKind.Absent);
        Assert.Equal(Errno.EFAULT, rig.MapAt(first, memory, 40 * Page, 0x50_0000));
        Assert.Equal(Errno.ENOMEM, rig.MapAt(first, memory, 15 * Page, 0x50_0000));
        Assert.Equal(Errno.None, rig.Unmap(second, 0, Max).Errno);
        Assert.Equal(Errno.None, rig.MapAt(first, memory, Page, 0x10_0000));
        Assert.Equal(Errno.None, rig.Detach(cdev));
        Assert.Equal((0UL, 0UL, 1), (rig.Census.PinnedPages, rig.Census.LockedPages, rig.Census.Areas));
    }

    [Fact]
    public void The_users_account_is_not_the_process_account_that_type1_charges()
    {
        using var rig = new IommufdRig();
        rig.Kernel.Options.MemlockLimit = 8 * Page;
        var ioas = rig.Ioas();
        rig.Attached(Rig.NetworkCard, ioas);
        var (container, _) = rig.Rig.Ready(2);
        var memory = rig.Rig.Memory(8 * Page);
        Assert.Equal(Errno.None, rig.MapAt(ioas, memory, 8 * Page, 0));
        Assert.Equal(Errno.None, rig.Rig.Map(container, Rig.ReadWrite, memory, 0, 8 * Page));
        Assert.Equal(16UL, rig.Census.LockedPages);
        Assert.Equal(Errno.ENOMEM, rig.MapAt(ioas, memory, Page, 0x10_0000));
    }

    [Fact]
    public void Who_may_lock_without_limit_is_not_charged_and_stays_so()
    {
        using var rig = new IommufdRig(options: new EmulatedKernelOptions { MemlockLimit = Page, HasIpcLock = true });
        var ioas = rig.Ioas();
        var (cdev, _) = rig.Attached(Rig.NetworkCard, ioas);
        var memory = rig.Rig.Memory(8 * Page);
        Assert.Equal(Errno.None, rig.MapAt(ioas, memory, 8 * Page, 0));
        rig.Kernel.Options.HasIpcLock = false;
        Assert.Equal((8UL, 0UL), (rig.Census.PinnedPages, rig.Census.LockedPages));
        Assert.Equal(Errno.None, rig.Detach(cdev));
        Assert.Equal(Errno.None, rig.Attach(cdev, ioas).Errno);
        Assert.Equal(Errno.ENOMEM, rig.MapAt(ioas, memory, 2 * Page, 0x10_0000));
    }

    [Fact]
    public void An_attach_over_the_limit_pins_and_charges_nothing()
    {
        using var rig = new IommufdRig(options: new EmulatedKernelOptions { MemlockLimit = 4 * Page });
        var ioas = rig.Ioas();
        var (cdev, device) = rig.Bound(Rig.NetworkCard);
        var memory = rig.Rig.Memory(8 * Page);
        Assert.Equal(Errno.None, rig.MapAt(ioas, memory, 3 * Page, 0));
        Assert.Equal(Errno.None, rig.MapAt(ioas, memory, 3 * Page, 0x10_0000));
        Assert.Equal((Errno.ENOMEM, Errno.ENOMEM), (rig.Attach(cdev, ioas).Errno, rig.Hwpt(device, ioas).Errno));
        Assert.Equal((0UL, 0UL, 0), (rig.Census.PinnedPages, rig.Census.LockedPages, rig.Census.PageTables));
        Assert.Equal(1UL, rig.Ranges(ioas).Alignment);
    }

    /// <summary>Option, operation, object, value, errno; a device and an IOAS are there.</summary>
    [Theory]
    [InlineData(2u, 1, 0u, 0UL, 95)]
    [InlineData(0u, 1, 5u, 0UL, 95)]
    [InlineData(0u, 3, 0u, 0UL, 95)]
    [InlineData(0u, 1, 0u, 0UL, 0)]
    [InlineData(0u, 0, 0u, 2UL, 16)]
    [InlineData(1u, 1, 0u, 0UL, 2)]
    [InlineData(1u, 3, 9u, 0UL, 2)]
    [InlineData(1u, 3, 1u, 0UL, 95)]
    [InlineData(1u, 1, 1u, 0UL, 0)]
    [InlineData(1u, 0, 1u, 2UL, 22)]
    [InlineData(1u, 0, 1u, 0UL, 0)]
    public void Option_tests_in_the_kernels_order(uint option, int op, uint target, ulong value, int errno)
    {
        using var rig = new IommufdRig();
        rig.Ioas();
        Assert.Equal(errno, rig.Option(option, (ushort)op, target, value).Errno.Number);
    }

    [Fact]
    public void The_rlimit_mode_can_be_set_while_there_is_no_object()
    {
        using var rig = new IommufdRig();
        const uint Mode = IommufdUapi.OptionRlimitMode;
        Assert.Equal((Errno.None, 0UL), rig.Option(Mode, IommufdUapi.OptionGet, 0));
        Assert.Equal(Errno.None, rig.Option(Mode, IommufdUapi.OptionSet, 0, 1).Errno);
        Assert.Equal(Errno.EINVAL, rig.Option(Mode, IommufdUapi.OptionSet, 0, 2).Errno);
        Assert.Equal((Errno.None, 1UL), rig.Option(Mode, IommufdUapi.OptionGet, 0));
        rig.Kernel.Options.HasSysResource = false;
        Assert.Equal(Errno.EPERM, rig.Option(Mode, IommufdUapi.OptionSet, 0).Errno);
        Assert.Equal((Errno.None, 1UL), rig.Option(Mode, IommufdUapi.OptionGet, 0));
    }

    [Fact]
    public void Huge_pages_are_given_up_only_where_whole_pages_are_mapped_and_nothing_is_in_a_page_table()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        const uint Huge = IommufdUapi.OptionHugePages;
        Assert.Equal((Errno.None, 1UL), rig.Option(Huge, IommufdUapi.OptionGet, ioas));
        Assert.Equal(Errno.None, rig.MapAt(ioas, 5, 3, 5));
        Assert.Equal(Errno.EADDRINUSE, rig.Option(Huge, IommufdUapi.OptionSet, ioas).Errno);
        Assert.Equal((Errno.None, 1UL), rig.Option(Huge, IommufdUapi.OptionGet, ioas));
        Assert.Equal(Errno.None, rig.Unmap(ioas, 0, Max).Errno);
        Assert.Equal(Errno.None, rig.Option(Huge, IommufdUapi.OptionSet, ioas).Errno);
        Assert.Equal((Errno.None, 0UL), rig.Option(Huge, IommufdUapi.OptionGet, ioas));
        Assert.Equal(Page, rig.Ranges(ioas).Alignment);
        Assert.Equal(Errno.EINVAL, rig.MapAt(ioas, 5, 3, 5));
        rig.Attached(Rig.NetworkCard, ioas);
        Assert.Equal(Errno.None, rig.MapAt(ioas, rig.Rig.Memory(Page), Page, 0));
        Assert.Equal(Errno.None, rig.Option(Huge, IommufdUapi.OptionSet, ioas).Errno);
        Assert.Equal(Errno.None, rig.Option(Huge, IommufdUapi.OptionSet, ioas, 1).Errno);
        Assert.Equal(Errno.EINVAL, rig.Option(Huge, IommufdUapi.OptionSet, ioas).Errno);
    }

    [Fact]
    public void Only_mappings_of_files_go_to_another_process()
    {
        using var rig = new IommufdRig();
        var ioas = rig.Ioas();
        Assert.Equal(Errno.EOPNOTSUPP, rig.Call(IommufdUapi.IoasChangeProcess, IommufdRig.Words(1)));
        Assert.Equal(Errno.None, rig.Call(IommufdUapi.IoasChangeProcess, IommufdRig.Words(0)));
        var file = Rig.Good(rig.Kernel.CreateMemfd("test", Page)).Descriptor;
        Assert.Equal(Errno.None, rig.MapFile(ioas, 7, file, 0, Page, 0).Errno);
        Assert.Equal(Errno.None, rig.Call(IommufdUapi.IoasChangeProcess, IommufdRig.Words(0)));
        Assert.Equal(Errno.None, rig.MapAt(rig.Ioas(), 0, Page, 0));
        Assert.Equal(Errno.EINVAL, rig.Call(IommufdUapi.IoasChangeProcess, IommufdRig.Words(0)));
    }
}
