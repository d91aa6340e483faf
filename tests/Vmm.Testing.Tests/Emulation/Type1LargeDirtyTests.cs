using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

/// <summary>Dirty logging where numbers are too large, with the answers that Linux 7.2 gave.</summary>
public sealed class Type1LargeDirtyTests : IDisposable
{
    private const ulong TooLarge = 1UL << 44;
    private const ulong Iova = 0x1000_0000_0000;
    private readonly Rig _rig = new(options: new EmulatedKernelOptions { UserSpaceEnd = (1UL << 56) - 0x1000 });

    public void Dispose() => _rig.Dispose();

    [Fact]
    [Trait("Requirement", "RX.1")]
    public void Logging_is_refused_while_one_mapping_has_more_pages_than_a_bitmap_may()
    {
        var (container, _) = _rig.Ready(7);
        Assert.Equal(Errno.None, _rig.Map(container, Rig.ReadWrite, 0x1000, Iova, TooLarge));
        Assert.Equal(Errno.EINVAL, Log(container, VfioUapi.DirtyStart));
        Assert.Equal(Errno.None, _rig.Unmap(container, 0, Iova, TooLarge).Errno);
        Assert.Equal(Errno.None, Log(container, VfioUapi.DirtyStart));
        Assert.Equal(Errno.EINVAL, _rig.Map(container, Rig.ReadWrite, 0x1000, Iova, TooLarge));
        Assert.Equal(0UL, _rig.Unmap(container, 0, Iova, TooLarge).Size);
    }

    [Theory]
    [InlineData(0x7fff_ffff_f000, 0)]
    [InlineData(0x00ff_ffff_ffff_f000, 22)]
    [InlineData(0xffff_8000_0000_0000, 22)]
    public void A_bitmap_beyond_user_space_is_refused_before_it_is_tried(ulong address, int errno)
    {
        var (container, _) = _rig.Ready(1);
        Assert.Equal(Errno.None, Log(container, VfioUapi.DirtyStart));
        var bytes = Rig.Struct(48, VfioUapi.DirtyGetBitmap, 0, 0x1000, 0x1000, 8, address);
        Assert.Equal(errno, _rig.Kernel.Ioctl(container, VfioUapi.IommuDirtyPages, bytes).Errno.Number);
    }

    private Errno Log(int container, uint flags) => _rig.Kernel.Ioctl(container, VfioUapi.IommuDirtyPages, Rig.Struct(8, flags)).Errno;
}
