using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

/// <summary>Hot resets of a bus whose two functions are in groups of their own.</summary>
public sealed class HotResetTests : IDisposable
{
    private const string First = "0000:02:01.0";
    private const string Second = "0000:02:02.0";
    private const string Bridge = "devices/pci0000:00/0000:00:08.0";
    private readonly Rig _rig = new(host => host
        .Group(1).Device(new PciDeviceSpec(First) { Driver = "vfio-pci", Parent = Bridge })
        .Group(2).Device(new PciDeviceSpec(Second) { Driver = "vfio-pci", Parent = Bridge }));

    public void Dispose() => _rig.Kernel.Dispose();

    [Fact]
    public void A_neighbour_of_another_iommufd_is_foreign_until_it_is_bound_to_the_same_one()
    {
        var iommufd = _rig.Open("/dev/iommu");
        var (device, id) = Bind(First, iommufd);
        var answer = VfioCalls.DeviceGetPciHotResetInfo(_rig.Kernel, device, out var flags);
        Assert.Equal((VfioUapi.HotResetDeviceIds, id, unchecked((uint)VfioUapi.DeviceIdNotOwned)), (flags, answer.Value![0].GroupOrDeviceId, answer.Value[1].GroupOrDeviceId));
        Assert.Equal(Errno.EINVAL, VfioCalls.DevicePciHotReset(_rig.Kernel, device, []).Errno);
        Assert.Equal(0, _rig.Host.Device(First).Resets);

        var other = Bind(Second, _rig.Open("/dev/iommu")).Device;
        Assert.Equal(Errno.EINVAL, VfioCalls.DevicePciHotReset(_rig.Kernel, device, []).Errno);
        Rig.Good(_rig.Kernel.Close(other));

        Bind(Second, iommufd);
        VfioCalls.DeviceGetPciHotResetInfo(_rig.Kernel, device, out flags);
        Assert.Equal(VfioUapi.HotResetDeviceIds | VfioUapi.HotResetDeviceIdsOwned, flags);
        Rig.Good(VfioCalls.DevicePciHotReset(_rig.Kernel, device, []));
        Assert.Equal((1, 1), (_rig.Host.Device(First).Resets, _rig.Host.Device(Second).Resets));
    }

    [Fact]
    public void Every_group_must_be_shown_and_every_function_be_vfios()
    {
        var (_, groups) = _rig.Ready(1, 2);
        var device = Rig.Good(_rig.Device(groups[0], First)).Descriptor;
        Assert.Equal(Errno.EINVAL, VfioCalls.DevicePciHotReset(_rig.Kernel, device, [groups[0]]).Errno);
        Rig.Good(VfioCalls.DevicePciHotReset(_rig.Kernel, device, groups));
        Assert.Equal(1, _rig.Host.Device(Second).Resets);

        Rig.Good(_rig.Host.UnbindDriver(Second));
        Assert.Equal(Errno.EINVAL, VfioCalls.DevicePciHotReset(_rig.Kernel, device, groups).Errno);
    }

    [Fact]
    public void A_function_without_a_group_forbids_it()
    {
        _rig.Host.AddDeviceWithoutIommu(new PciDeviceSpec("0000:02:03.0") { Parent = Bridge });
        var (_, groups) = _rig.Ready(1);
        var device = Rig.Good(_rig.Device(groups[0], First)).Descriptor;
        Assert.Equal(Errno.EPERM, VfioCalls.DeviceGetPciHotResetInfo(_rig.Kernel, device, out _).Errno);
        Assert.Equal(Errno.EFAULT, _rig.Kernel.Ioctl(device, VfioUapi.DeviceGetPciHotResetInfo, 0).Errno);
        Assert.Equal(Errno.EFAULT, _rig.Kernel.Ioctl(device, VfioUapi.DevicePciHotReset, 0).Errno);
    }

    private (int Device, uint Id) Bind(string name, int iommufd)
    {
        var device = _rig.Open($"/dev/vfio/devices/vfio{_rig.Host.Device(name).VfioIndex}");
        Rig.Good(VfioCalls.DeviceBindIommufd(_rig.Kernel, device, iommufd, token: null, out var id));
        return (device, id);
    }
}
