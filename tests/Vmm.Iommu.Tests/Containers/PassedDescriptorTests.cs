using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Tests.Topology;

namespace Vmm.Iommu.Tests.Containers;

public sealed class PassedDescriptorTests
{
    private readonly TextProc _proc = new()
    {
        ["self/fd/3"] = "/dev/iommu",
        ["self/fd/4"] = "/dev/vfio/devices/vfio0",
        ["self/fd/5"] = "/memfd:pc.ram (deleted)",
        ["self/fd/6"] = "/dev/vfio/vfio",
    };

    [Theory]
    [InlineData(3, 0, "")]
    [InlineData(4, 77, "it is /dev/vfio/devices/vfio0: pass /dev/iommu")]
    [InlineData(5, 77, "it is /memfd:pc.ram (deleted)")]
    [InlineData(6, 77, "it is /dev/vfio/vfio")]
    [InlineData(9, 9, "not open in this process")]
    [InlineData(-1, 9, "not open in this process")]
    public void An_iommufd_is_nothing_else(int descriptor, int errno, string words)
    {
        var refusal = PassedDescriptor.RefuseUnlessIommufd(_proc, descriptor);
        Assert.Equal(errno, refusal?.Errno.Number ?? 0);
        Assert.Contains(words, refusal?.ToString() ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_is_that_which_was_meant()
    {
        Assert.Null(PassedDescriptor.RefuseUnlessDevice(_proc, 4));
        Assert.Null(PassedDescriptor.RefuseUnlessDevice(_proc, 4, "/dev/vfio/devices/vfio0"));
        Assert.Contains("pass /dev/vfio/devices/vfio1", PassedDescriptor.RefuseUnlessDevice(_proc, 4, "/dev/vfio/devices/vfio1")!.Words, StringComparison.Ordinal);
        Assert.Equal(Errno.EBADFD, PassedDescriptor.RefuseUnlessDevice(_proc, 3)!.Errno);
    }

    [Theory]
    [InlineData("3", true)]
    [InlineData("", false)]
    [InlineData("-1", false)]
    [InlineData("0x3", false)]
    [InlineData("99999999999", false)]
    public void A_number_is_digits(string text, bool isGood)
    {
        Assert.Equal(isGood, PassedDescriptor.TryParse(text, out _, out var wrong));
        Assert.Equal(isGood, wrong is null);
    }

    [Fact]
    public void A_memfd_of_this_process_is_no_iommufd()
    {
        var linux = LinuxKernel.Create();
        var file = linux.Memory.CreateMemfd("passed", 0x1000);

        var refusal = PassedDescriptor.RefuseUnlessIommufd(linux.Proc, file.Descriptor);

        Assert.Equal(Errno.EBADFD, refusal?.Errno);
        Assert.Contains("/memfd:passed", refusal!.Words, StringComparison.Ordinal);
        linux.Memory.CloseMemfd(file.Descriptor);
        Assert.Equal(Errno.EBADF, PassedDescriptor.RefuseUnlessIommufd(linux.Proc, file.Descriptor)?.Errno);
    }
}
