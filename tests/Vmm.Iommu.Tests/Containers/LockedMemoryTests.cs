using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Containers;

public sealed class LockedMemoryTests
{
    private const ulong GiB = 1 << 30;

    [Theory]
    [InlineData(8UL << 20, 4 * GiB, 0UL, false, true)]
    [InlineData(4 * GiB, 4 * GiB, 0UL, false, false)]
    [InlineData(4 * GiB, 4 * GiB, 4096UL, false, true)]
    [InlineData(8UL << 20, 4 * GiB, 0UL, true, false)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, 4096UL, false, false)]
    [InlineData(0UL, 1UL, 0UL, false, true)]
    [InlineData(0UL, 0UL, 0UL, false, false)]
    public void It_refuses_what_is_certain_to_fail(ulong limit, ulong needed, ulong locked, bool hasIpcLock, bool isRefused)
    {
        var rights = new ProcessRights { SoftLimit = limit, HardLimit = limit, Locked = locked, HasIpcLock = hasIpcLock };
        var refusal = LockedMemory.Refuse(rights, needed);
        Assert.Equal(isRefused, refusal is not null);
        Assert.True(refusal is null || refusal.Errno == Errno.ENOMEM);
    }

    [Fact]
    public void It_says_what_is_what_is_needed_and_how_to_raise_it()
    {
        var rights = new ProcessRights { SoftLimit = 8 << 20, HardLimit = 8 << 20, Locked = 12288 };

        var words = LockedMemory.Refuse(rights, 4 * GiB)!.ToString();

        foreach (var part in (string[])["RLIMIT_MEMLOCK", "ENOMEM", "takes 4096 MiB", "may lock 8 MiB, 12 KiB of it taken already", "LimitMEMLOCK=infinity", "ulimit -l", "limits.conf", "CAP_IPC_LOCK"])
        {
            Assert.Contains(part, words, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("prlimit", words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hard_limit_that_allows_it_is_said() => Assert.Contains(
        "prlimit", LockedMemory.Refuse(new ProcessRights { SoftLimit = 0, HardLimit = ulong.MaxValue }, GiB)!.Words, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_limit_refuses_nothing() => Assert.Null(LockedMemory.Refuse(new ProcessRights { HasIpcLock = false }, GiB));

    [Fact]
    public void What_is_locked_already_refuses_nothing_where_it_is_unknown()
    {
        Assert.Null(LockedMemory.Refuse(new ProcessRights { SoftLimit = GiB }, GiB));
        Assert.DoesNotContain("taken already", LockedMemory.Refuse(new ProcessRights { SoftLimit = GiB }, 2 * GiB)!.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_process_has_locked_counts_for_type1_alone()
    {
        var rights = new ProcessRights { SoftLimit = GiB, Locked = GiB };
        Assert.NotNull(LockedMemory.Refuse(rights, GiB));
        Assert.Null(LockedMemory.Refuse(rights, GiB, countsLocked: false));
    }

    [Fact]
    public void Memory_beyond_64_bits_is_no_wrap() =>
        Assert.NotNull(LockedMemory.Refuse(new ProcessRights { SoftLimit = ulong.MaxValue - 1, Locked = ulong.MaxValue }, ulong.MaxValue));
}
