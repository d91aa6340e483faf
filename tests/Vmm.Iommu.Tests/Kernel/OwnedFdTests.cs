using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Kernel;

public sealed class OwnedFdTests
{
    private readonly ScriptedDevices _devices = new();

    [Fact]
    public void Closing_twice_closes_once()
    {
        var fd = OwnedFd.Open(_devices, "group", "/dev/vfio/6").Value!;
        Assert.True(fd.Close().IsOk);
        Assert.True(fd.Close().IsOk);
        Assert.Equal(["open /dev/vfio/6", "close"], _devices.Calls);
        Assert.Empty(_devices.OpenDescriptors);
    }

    [Fact]
    public void A_reused_number_is_not_closed_by_its_former_owner()
    {
        const int Number = 7;
        _devices.OpenDescriptors.Add(Number);
        var former = new OwnedFd(_devices, Number, "device", "a");
        former.Close();
        _devices.OpenDescriptors.Add(Number);
        former.Close();
        Assert.Contains(Number, _devices.OpenDescriptors);
    }

    [Fact]
    public void Many_closers_at_once_close_once()
    {
        var fd = OwnedFd.Open(_devices, "group", "/dev/vfio/6").Value!;
        using var start = new Barrier(4);
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            fd.Close();
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Single(_devices.Calls, "close");
    }

    [Fact]
    public void A_close_that_fails_gives_the_number_up_all_the_same()
    {
        var fd = OwnedFd.Open(_devices, "group", "/dev/vfio/6").Value!;
        _devices.CloseErrno = Errno.EIO;
        Assert.Equal(Errno.EIO, fd.Close().Errno);
        Assert.True(fd.IsClosed);
        Assert.True(fd.Close().IsOk);
    }

    [Fact]
    public void After_the_close_the_number_is_one_that_the_kernel_refuses()
    {
        var fd = OwnedFd.Open(new LinuxKernel(), "null", "/dev/null").Value!;
        fd.Close();
        Assert.Equal(-1, fd.Number);
        Assert.Equal(Errno.EBADF, VfioCalls.GetApiVersion(new LinuxKernel(), fd.Number).Errno);
    }

    [Fact]
    public void It_says_its_role_and_path()
    {
        var fd = new OwnedFd(_devices, 12, "container", "/dev/vfio/vfio");
        Assert.Equal("container /dev/vfio/vfio (fd 12)", fd.ToString());
        Assert.Equal("container", fd.Role);
        Assert.Equal("/dev/vfio/vfio", fd.Path);
    }

    [Fact]
    public void An_open_that_fails_is_the_errno_of_the_open()
    {
        _devices.OpenErrno = Errno.EBUSY;
        Assert.Equal(Errno.EBUSY, OwnedFd.Open(_devices, "group", "/dev/vfio/6").Errno);
    }
}
