using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

/// <summary>What every request is tested for before it is looked at: the cases of the kernel's own self-test.</summary>
public sealed class IommufdEntryTests
{
    private static readonly int[] Sizes = [8, 12, 24, 40, 32, 40, 24, 24, 12, 48, 40, 16, 48, 32, 16, 40, 40, 24, 8, 32, 40];
    private static readonly int[] Minima = [8, 12, 24, 40, 32, 40, 24, 24, 12, 24, 32, 16, 48, 32, 16, 40, 24, 24, 8, 28, 40];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Sizes.Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_struct_may_be_longer_with_zeros_and_never_shorter(int number)
    {
        using var rig = new IommufdRig();
        var code = Code(number);
        Assert.Equal(Errno.EINVAL, rig.Call(code, Sized(Minima[number] - 1)));
        var longer = Sized(Sizes[number] + 1);
        longer[^1] = 0xff;
        Assert.Equal(Errno.E2BIG, rig.Call(code, longer));
        Assert.Equal(rig.Call(code, Sized(Sizes[number])), rig.Call(code, Sized(Sizes[number] + 1)));
        Assert.Equal(Errno.EFAULT, rig.Kernel.Ioctl(rig.File, code, 0).Errno);
    }

    /// <summary>Number, whether the argument can be read, errno.</summary>
    [Theory]
    [InlineData(0x3b7fu, true, 25)]
    [InlineData(0x3b95u, true, 25)]
    [InlineData(0x1003b80u, true, 25)]
    [InlineData(0x1003b80u, false, 14)]
    [InlineData(0x3b64u, false, 0)]
    [InlineData(0x3b75u, true, 25)]
    public void A_number_that_is_no_request_is_told_after_its_size_was_read(uint number, bool isReadable, int errno)
    {
        using var rig = new IommufdRig();
        var code = new IoctlCode(number, "a test's", false);
        var result = isReadable ? rig.Kernel.Ioctl(rig.File, code, Sized(64)) : rig.Kernel.Ioctl(rig.File, code, 0);
        Assert.Equal(errno, result.Errno.Number);
    }

    [Fact]
    public void Destroy_knows_no_id_0_and_none_that_was_destroyed()
    {
        using var rig = new IommufdRig();
        Assert.Equal(Errno.ENOENT, rig.Destroy(0));
        Assert.Equal(Errno.ENOENT, rig.Destroy(1));
        var ioas = rig.Ioas();
        Assert.Equal(Errno.None, rig.Destroy(ioas));
        Assert.Equal(Errno.ENOENT, rig.Destroy(ioas));
    }

    [Fact]
    public void The_lowest_free_id_is_given_whatever_it_stands_for()
    {
        using var rig = new IommufdRig();
        Assert.Equal([1u, 2u, 3u], new[] { rig.Ioas(), rig.Ioas(), rig.Ioas() });
        Assert.Equal(Errno.None, rig.Destroy(2));
        var (_, device) = rig.Bound(Rig.NetworkCard);
        Assert.Equal(2u, device);
        Assert.Equal(4u, rig.Hwpt(device, 1).Id);
        Assert.Equal(Errno.EINVAL, rig.Hwpt(device, device).Errno);
        Assert.Equal(5u, rig.Ioas());
    }

    [Theory]
    [InlineData("6.2", 0, 2)]
    [InlineData("4.17", 2, 2)]
    [InlineData("7.2", 0, 0)]
    public void Nodes_are_there_from_the_kernel_on_that_has_them(string version, int iommu, int cdev)
    {
        var linux = KernelPersonality.All.Single(one => one.Name == version);
        using var rig = new Rig(options: new EmulatedKernelOptions { Personality = linux });
        Assert.Equal(iommu, rig.Kernel.Open("/dev/iommu").Errno.Number);
        Assert.Equal(cdev, rig.Kernel.Open("/dev/vfio/devices/vfio0").Errno.Number);
        Assert.Equal(cdev == 0, rig.Kernel.ReadText("class/vfio-dev/vfio0/dev").IsOk);
        Assert.Equal(Errno.ENOENT, rig.Kernel.Open("/dev/vfio/devices/vfio9").Errno);
    }

    [Fact]
    public void An_older_kernel_knows_fewer_requests()
    {
        using var rig = new IommufdRig(options: new EmulatedKernelOptions { Personality = KernelPersonality.Linux62 });
        var ioas = rig.Ioas();
        Assert.Equal(Errno.None, rig.MapAt(ioas, 0x1000, 0x1000, 0));
        Assert.Equal(Errno.ENOTTY, rig.Call(IommufdUapi.HwptAlloc, Sized(48)));
        Assert.Equal(Errno.ENOTTY, rig.Call(IommufdUapi.IoasMapFile, Sized(40)));
    }

    private static IoctlCode Code(int number) => new(IommufdUapi.Destroy.Number + (uint)number, "a test's", true);

    private static byte[] Sized(int size)
    {
        var bytes = new byte[size];
        BitConverter.TryWriteBytes(bytes, size);
        return bytes;
    }
}
