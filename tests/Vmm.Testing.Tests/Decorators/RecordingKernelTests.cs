using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Decorators;

public sealed class RecordingKernelTests
{
    [Fact]
    public void A_session_is_recorded_with_names_descriptors_and_fields()
    {
        using var emulated = new EmulatedKernel(EmulatedHost.Build(host => host.Group(6).Device("0000:01:00.0", "vfio-pci")));
        using var lines = new StringWriter();
        var recording = new RecordingKernel(emulated.ToHostKernel(), lines);
        var kernel = recording.ToHostKernel();
        Assert.Equal("emulated", kernel.Name);

        var container = kernel.Devices.Open("/dev/vfio/vfio").Descriptor;
        var group = kernel.Devices.Open("/dev/vfio/6").Descriptor;
        VfioCalls.GroupSetContainer(kernel.Devices, group, container);
        VfioCalls.SetIommu(kernel.Devices, container, VfioUapi.Type1V2);
        VfioCalls.IommuMapDma(kernel.Devices, container, Iommu.Addressing.IovaRange.FromBounds(0x1000, 0x1fff), new(0x7000), Iommu.Addressing.DmaAccess.Read);
        var device = VfioCalls.GroupGetDeviceFd(kernel.Devices, group, "0000:01:00.0").Descriptor;
        kernel.Devices.Close(device);
        kernel.Sysfs.ReadText("kernel/iommu_groups/6/type");

        var calls = recording.Calls;
        Assert.Equal(
            ["open", "open", "VFIO_GROUP_SET_CONTAINER", "VFIO_SET_IOMMU", "VFIO_IOMMU_MAP_DMA", "VFIO_GROUP_GET_DEVICE_FD", "close", "read"],
            calls.Select(call => call.Call));
        Assert.Equal($"/dev/vfio/6#{group}", calls[2].Descriptor);
        Assert.Equal($"/dev/vfio/vfio#{container}", calls[2].Before["container"]);
        Assert.Equal("3", calls[3].Before["arg"]);
        Assert.Equal(Errno.EFAULT, calls[4].Errno);
        Assert.Equal(
            $"{{\"number\":5,\"call\":\"VFIO_IOMMU_MAP_DMA\",\"fd\":\"/dev/vfio/vfio#{container}\",\"ret\":0,\"errno\":\"EFAULT\","
                + "\"in\":{\"flags\":\"1\",\"vaddr\":\"0x7000\",\"iova\":\"0x1000\",\"size\":\"0x1000\"}}",
            calls[4].ToJson());
        Assert.Equal($"0000:01:00.0#{device}", calls[6].Descriptor);
        Assert.Equal("DMA\n", calls[7].After["text"]);
        Assert.Equal(string.Join('\n', calls.Select(call => call.ToJson())) + "\n", lines.ToString());
    }
}
