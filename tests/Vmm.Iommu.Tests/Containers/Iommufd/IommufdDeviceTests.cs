using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Tests.Topology;

namespace Vmm.Iommu.Tests.Containers.Iommufd;

/// <summary>Opening the iommufd and devices, and taking over what was passed in.</summary>
public sealed class IommufdDeviceTests
{
    private const string Name = "0000:01:00.0";
    private readonly ScriptedIommufd _rig = new();
    private readonly TextProc _proc = new();

    [Theory]
    [InlineData("ENOENT", "load the module iommufd")]
    [InlineData("EACCES", "permission")]
    [InlineData("EMFILE", "ulimit -n")]
    [InlineData("EIO", "failed to open")]
    [Trait("Requirement", "R1.2")]
    public void An_iommufd_that_does_not_open_says_what_cures_it(string errno, string words)
    {
        _rig.Devices.OpenErrno = Parse(errno);
        Assert.False(IommufdContext.TryOpen(_rig.Devices, out _, out var refusal));
        Assert.Equal(("open", IommufdContext.Node, Parse(errno)), (refusal.Operation, refusal.Target, refusal.Errno));
        Assert.Contains(words, refusal.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_that_cannot_move_mappings_is_no_reason_to_refuse()
    {
        _rig.Fail(IommufdUapi.IoasChangeProcess, Errno.ENOTTY);
        Assert.True(IommufdContext.TryOpen(_rig.Devices, out var context, out _));
        Assert.False(context.CanChangeProcess);
        Assert.True(_rig.Context.CanChangeProcess);
        Assert.True(context.Close().IsOk);
        Assert.Equal(-1, context.Descriptor);
    }

    [Theory]
    [InlineData("ENOTTY", "/memfd:pc.ram (deleted)", "is not an iommufd")]
    [InlineData("EINVAL", "/dev/vfio/vfio", "is not an iommufd")]
    [InlineData("EBADF", null, "is not open")]
    public void A_descriptor_that_is_no_iommufd_is_refused_with_what_it_is_and_stays_open(string errno, string? link, string words)
    {
        var passed = _rig.Devices.New();
        if (link is not null)
        {
            _proc[$"self/fd/{passed}"] = link;
        }

        _rig.Fail(IommufdUapi.Option, Parse(errno));
        Assert.False(IommufdContext.TryAdopt(_rig.Devices, _proc, passed, out _, out var refusal));
        Assert.Equal((Parse(errno), $"fd {passed} ({link ?? "not open"})"), (refusal.Errno, refusal.Target));
        Assert.Contains(words, refusal.Words, StringComparison.Ordinal);
        Assert.Contains(passed, _rig.Devices.OpenDescriptors);
    }

    [Fact]
    public void A_descriptor_that_answers_like_no_iommufd_is_not_believed()
    {
        _rig.Answer(
            IommufdUapi.Option,
            argument =>
            {
                argument[16] = 2;
                return SysResult.Ok;
            },
            "option");
        Assert.False(IommufdContext.TryAdopt(_rig.Devices, _proc, _rig.Devices.New(), out _, out var refusal));
        Assert.Equal(Errno.EPROTO, refusal.Errno);
    }

    [Fact]
    public void A_passed_iommufd_is_taken_over_without_moving_anything_to_this_process()
    {
        var passed = _rig.Devices.New();
        Assert.True(IommufdContext.TryAdopt(_rig.Devices, _proc, passed, out var context, out _));
        Assert.Equal(["option 0"], _rig.Calls);
        Assert.True(context.ChangeProcess().IsOk);
        Assert.True(context.Close().IsOk);
        Assert.DoesNotContain(passed, _rig.Devices.OpenDescriptors);
    }

    [Fact]
    public void A_device_is_opened_by_the_node_that_sysfs_names()
    {
        var device = _rig.Device(Name, 4);
        Assert.Contains("open /dev/vfio/devices/vfio3", _rig.Devices.Calls);
        Assert.Equal((Name, 4, true, 1u), (device.Name, device.Group, device.KeepsDevice, device.Id));
        Assert.False(device.GetIsInside().Value);
    }

    [Fact]
    public void A_device_without_a_node_or_group_says_what_to_bind()
    {
        var host = ScriptedIommufd.Host(Name, 4);
        Assert.Contains("bind it to vfio-pci (it is bound to nvme)", Refused(host with { VfioDevice = null, Driver = "nvme" }), StringComparison.Ordinal);
        Assert.Contains("no driver", Refused(host with { VfioDevice = null, Driver = null }), StringComparison.Ordinal);
        Assert.Contains("no IOMMU group", Refused(host with { Group = null }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ENOENT")]
    [InlineData("EACCES")]
    [InlineData("ENODEV")]
    public void A_node_that_does_not_open_is_refused_with_its_path(string errno)
    {
        _rig.Devices.OpenErrno = Parse(errno);
        var host = ScriptedIommufd.Host(Name, 4);
        Assert.False(IommufdDevice.TryOpen(_rig.Devices, _rig.Context, host, token: null, out _, out var refusal));
        Assert.Equal(("/dev/vfio/devices/vfio3", Parse(errno)), (refusal.Target, refusal.Errno));
        Assert.Contains(Name, refusal.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EBUSY", "lsof /dev/vfio/4")]
    [InlineData("EPERM", "allow_unsafe_interrupts")]
    [InlineData("EINVAL", "bound already")]
    [InlineData("EACCES", "token")]
    [InlineData("ENOTTY", "CONFIG_VFIO_DEVICE_CDEV")]
    [InlineData("EBADFD", "is not an iommufd")]
    [InlineData("EIO", "does not say why")]
    public void A_device_that_is_not_bound_says_why_and_is_closed(string errno, string words)
    {
        _rig.Fail(VfioUapi.DeviceBindIommufd, Parse(errno));
        var before = _rig.Devices.OpenDescriptors.Count;
        var host = ScriptedIommufd.Host(Name, 4);
        Assert.False(IommufdDevice.TryOpen(_rig.Devices, _rig.Context, host, token: null, out _, out var refusal));
        Assert.Equal(("VFIO_DEVICE_BIND_IOMMUFD", "/dev/vfio/devices/vfio3", Parse(errno)), (refusal.Operation, refusal.Target, refusal.Errno));
        Assert.Contains(words, refusal.Words, StringComparison.Ordinal);
        Assert.Equal(before, _rig.Devices.OpenDescriptors.Count);
    }

    [Fact]
    public void A_token_that_is_not_wanted_is_named_as_a_cause()
    {
        _rig.Fail(VfioUapi.DeviceBindIommufd, Errno.EINVAL);
        var host = ScriptedIommufd.Host(Name, 4);
        Assert.False(IommufdDevice.TryOpen(_rig.Devices, _rig.Context, host, Guid.NewGuid(), out _, out var refusal));
        Assert.Contains("takes no token", refusal.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_passed_device_that_is_not_bound_stays_open()
    {
        var passed = _rig.Devices.New();
        _rig.Fail(VfioUapi.DeviceBindIommufd, Errno.ENOTTY);
        var identity = new IommufdDeviceIdentity(Name, 4, IsMediated: false);
        _proc[$"self/fd/{passed}"] = "/dev/vfio/7";
        Assert.False(IommufdDevice.TryAdopt(_rig.Devices, _proc, _rig.Context, passed, identity, token: null, out _, out var refusal));
        Assert.Equal($"fd {passed} (/dev/vfio/7)", refusal.Target);
        Assert.Contains(passed, _rig.Devices.OpenDescriptors);
    }

    [Fact]
    public void The_descriptor_of_a_device_is_its_own_and_closed_once()
    {
        var passed = _rig.Devices.New();
        var identity = new IommufdDeviceIdentity(Name, 4, IsMediated: false);
        Assert.True(IommufdDevice.TryAdopt(_rig.Devices, _proc, _rig.Context, passed, identity, token: null, out var device, out _));
        Assert.Equal(passed, device.GetDevice(Name).Value!.Number);
        Assert.Equal(passed, device.GetDevice($"{Name} vf_token=00112233-4455-6677-8899-aabbccddeeff").Value!.Number);
        Assert.Equal(Errno.ENODEV, device.GetDevice("0000:01:00.1").Errno);
        Assert.True(device.Close().IsOk);
        Assert.True(device.Close().IsOk);
        Assert.Equal(-1, device.Descriptor);
    }

    private static Errno Parse(string name)
    {
        Assert.True(Errno.TryParse(name, out var errno));
        return errno;
    }

    private string Refused(Iommu.Topology.HostDevice host)
    {
        Assert.False(IommufdDevice.TryOpen(_rig.Devices, _rig.Context, host, token: null, out _, out var refusal));
        return refusal.Words;
    }
}
