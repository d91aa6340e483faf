using Vmm.Contract.Hosts;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;

namespace Vmm.Contract.Containers;

/// <summary>What every container that maps does, whatever backend and kernel stand behind it.</summary>
public abstract partial class ContainerContract : IDisposable
{
    private const ulong Page = OpenedContainer.Page;

    private readonly Lazy<IContractHost> _host;
    private string _before = "";

    protected ContainerContract() => _host = new(() =>
    {
        var host = CreateHost();
        _before = host.Held();
        return host;
    });

    /// <summary>IOVAs where kernels and hardware change their minds.</summary>
    public static TheoryData<ulong> Edges =>
    [
        0, 0x1000, 0xfedf_f000, 0xfee0_0000, 0xfeef_f000, 0xfef0_0000, 0xffff_f000, 1UL << 32, (1UL << 39) - Page, 1UL << 39,
        0xfc_ffff_f000, 0xfd_0000_0000, 0xff_ffff_f000, 0x100_0000_0000, (1UL << 48) - Page, 1UL << 48, (1UL << 57) - Page, 1UL << 63, 0xffff_ffff_ffff_e000, 0xffff_ffff_ffff_f000,
    ];

    protected IContractHost Host => _host.Value;

    /// <summary>What an unmap answers that would cut a mapping of eight pages from its second page on.</summary>
    protected abstract Errno CutAnswer { get; }

    /// <summary>What a container answers to one of its devices' leaving while it is open.</summary>
    protected abstract Errno LeaveAnswer { get; }

    [SkippableFact]
    public void A_map_is_there_until_its_unmap()
    {
        using var opened = Open(DeviceRole.Lone);
        Assert.Equal(SysResult.Ok, opened.Map(0x10_0000, pages: 4));
        Assert.Equal(Errno.EEXIST, opened.Map(0x10_0000).Errno);
        Assert.Equal(Errno.EEXIST, opened.Map(0x10_3000).Errno);
        Assert.Equal(Errno.EEXIST, opened.Map(0xf_f000, pages: 2).Errno);
        Assert.Equal(4 * (long)Page, opened.Unmap(0x10_0000, 4 * Page));
        Assert.Equal(0, opened.Unmap(0x10_0000, 4 * Page));
        Assert.Equal(SysResult.Ok, opened.Map(0x10_0000));
    }

    [SkippableTheory]
    [MemberData(nameof(Edges))]
    [Trait("Requirement", "R1.2")]
    public void A_page_is_mapped_where_the_windows_say_and_nowhere_else(ulong iova)
    {
        using var opened = Open(DeviceRole.Lone);
        var windows = opened.Container.GetInfo().Value!.Windows!;
        var expected = windows.Contains(IovaRange.FromLength(iova, Page)) ? Errno.None : Errno.EINVAL;
        Assert.Equal(expected, opened.Map(iova).Errno);
        Assert.Equal(expected.IsNone ? (long)Page : 0, opened.Unmap(iova));
    }

    [SkippableTheory]
    [MemberData(nameof(Edges))]
    public void A_range_over_an_edge_is_mapped_whole_or_not_at_all(ulong edge)
    {
        if (edge < Page)
        {
            return;
        }

        using var opened = Open(DeviceRole.Lone);
        var range = IovaRange.FromLength(edge - Page, 2 * Page);
        var expected = opened.Container.GetInfo().Value!.Windows!.Contains(range) ? Errno.None : Errno.EINVAL;
        Assert.Equal(expected, opened.Map(edge - Page, pages: 2).Errno);
        opened.Container.UnmapAll(out var unmapped);
        Assert.Equal(expected.IsNone ? 2 * Page : 0, unmapped);
    }

    [SkippableFact]
    public void An_unmap_of_everything_counts_what_was_there()
    {
        using var opened = Open(DeviceRole.Lone);
        Assert.True(opened.Container.UnmapAll(out var nothing).IsOk);
        Assert.Equal(0UL, nothing);
        Assert.True(opened.Map(0).IsOk);
        Assert.True(opened.Map(0x10_0000, pages: 4).IsOk);
        Assert.True(opened.Map(Host.LastIova - Page + 1).IsOk);
        Assert.True(opened.Container.Unmap(IovaRange.All, out var all).IsOk);
        Assert.Equal(6 * Page, all);
    }

    [SkippableFact]
    public void An_unmap_that_would_cut_a_mapping_leaves_it()
    {
        using var opened = Open(DeviceRole.Lone);
        Assert.True(opened.Map(0x10_0000, pages: 8).IsOk);
        Assert.Equal(CutAnswer, opened.Container.Unmap(IovaRange.FromLength(0x10_1000, Page), out var cut).Errno);
        Assert.Equal(0UL, cut);
        Assert.Equal(CutAnswer, opened.Container.Unmap(IovaRange.FromLength(0xf_f000, 2 * Page), out cut).Errno);
        Assert.Equal(0UL, cut);
        Assert.Equal(8 * (long)Page, opened.Unmap(0x10_0000, 8 * Page));
    }

    [SkippableFact]
    public void Addresses_that_are_not_memory_are_refused_and_leave_nothing()
    {
        using var opened = Open(DeviceRole.Lone);
        Assert.Equal(Errno.EFAULT, opened.Container.Map(IovaRange.FromLength(0x10_0000, Page), new HostAddress(0xdea_d000), DmaAccess.ReadWrite).Errno);
        Assert.Equal(0, opened.Unmap(0x10_0000));
    }

    [SkippableFact]
    public void What_is_not_page_aligned_is_refused()
    {
        using var opened = Open(DeviceRole.Lone);
        Assert.Equal(Errno.EINVAL, opened.Container.Map(IovaRange.FromLength(0x10_0800, Page), opened.Memory.Address, DmaAccess.ReadWrite).Errno);
        Assert.Equal(Errno.EINVAL, opened.Container.Map(IovaRange.FromLength(0x10_0000, 0x800), opened.Memory.Address, DmaAccess.ReadWrite).Errno);
    }

    [SkippableFact]
    public void The_windows_are_in_order_and_end_where_the_iommu_does()
    {
        using var opened = Open(DeviceRole.Lone);
        var info = opened.Container.GetInfo();
        Assert.True(info.IsOk, $"{info.Errno}");
        var windows = info.Value.Windows!;
        Assert.Equal(Page, info.Value.PageSizes.Smallest);
        Assert.Equal(0UL, windows[0].Start.Value);
        Assert.Equal(Host.LastIova, windows[^1].Last.Value);
        Assert.False(windows.Contains(IovaRange.FromLength(0xfee0_0000, Page)));
        Assert.All(Enumerable.Range(1, windows.Count - 1), at => Assert.True(windows[at - 1].Last.Value < windows[at].Start.Value));
    }

    [SkippableFact]
    public void A_second_member_shares_the_mappings_and_leaves_them()
    {
        using var opened = Open(DeviceRole.Lone);
        Assert.True(opened.Map(0x10_0000).IsOk);
        var second = OpenMember(DeviceRole.Dma, opened);
        opened.Keep(second);
        Assert.Equal(Errno.None, opened.Container.Attach(second).Errno);
        Assert.Equal(Errno.EEXIST, opened.Map(0x10_0000).Errno);
        Assert.Equal(Errno.None, opened.Container.Detach(second).Errno);
        Assert.Equal((long)Page, opened.Unmap(0x10_0000));
    }

    [SkippableFact]
    public void A_member_leaves_with_its_device_open_or_is_told_why_not()
    {
        using var opened = Open(DeviceRole.Lone);
        opened.OpenDevice(DeviceRole.Lone);
        Assert.Equal(LeaveAnswer, opened.Container.Detach(opened.Member).Errno);
    }

    [SkippableFact]
    public void What_was_closed_can_be_opened_again()
    {
        for (var round = 0; round < 3; round++)
        {
            using var opened = Open(DeviceRole.Lone);
            Assert.True(opened.Map(0x10_0000).IsOk);
            opened.OpenDevice(DeviceRole.Lone);
        }
    }

    [SkippableFact]
    public void A_group_that_is_not_viable_is_refused_with_words()
    {
        var refusal = Refusal(DeviceRole.Unviable);
        Assert.NotNull(refusal);
        Assert.False(string.IsNullOrWhiteSpace($"{refusal}"));
    }

    /// <summary>Nothing that a test opened is left, in this process or in the kernel.</summary>
    public void Dispose()
    {
        if (_host.IsValueCreated)
        {
            var after = Host.Held();
            Host.Dispose();
            Assert.Equal(_before, after);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>The machine; skips the test where it has not what is needed.</summary>
    protected abstract IContractHost CreateHost();

    /// <summary>A container with the device of a role inside.</summary>
    protected abstract OpenedContainer Open(DeviceRole role);

    /// <summary>The device of a role, open and outside.</summary>
    protected abstract IContainerMember OpenMember(DeviceRole role, OpenedContainer beside);

    /// <summary>Why the device of a role is not taken; null where it is.</summary>
    protected abstract ContainerRefusal? Refusal(DeviceRole role);
}
