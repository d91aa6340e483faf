using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Emulation;
using Vmm.Testing.Recordings;

namespace Vmm.Testing.Tests.Recordings;

public sealed class RecordingFileTests : IDisposable
{
    private const string Card = "0000:01:00.0";
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"vmm-recording-{Guid.NewGuid():N}.jsonl");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_full_disk_is_told_at_the_end_and_calls_go_on()
    {
        using var emulated = Kernel();
        using var file = RecordingFile.Create("/dev/full");
        var kernel = file.Record(emulated.ToHostKernel());

        var opened = kernel.Devices.Open("/dev/vfio/6");

        Assert.True(opened.IsOk);
        Assert.True(kernel.Devices.Close(opened.Descriptor).IsOk);
        Assert.Equal(0, file.Lines);
        Assert.Contains("space", file.Failure, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Each_line_is_in_the_file_when_its_call_is_answered()
    {
        using var emulated = Kernel();
        using var file = RecordingFile.Create(_path);
        var kernel = file.Record(emulated.ToHostKernel());

        kernel.Devices.Open("/dev/vfio/6");

        using var reader = new StreamReader(new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = reader.ReadToEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("{\"number\":1,\"call\":\"open\"", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_is_rebuilt_with_what_only_its_kernel_tells()
    {
        using var emulated = Kernel(IovaRange.FromBounds(0, 0x7f_ffff_ffff), 0x1000);
        using (var file = RecordingFile.Create(_path))
        {
            var kernel = file.Record(emulated.ToHostKernel());
            var container = kernel.Devices.Open("/dev/vfio/vfio").Descriptor;
            var group = kernel.Devices.Open("/dev/vfio/6").Descriptor;
            VfioCalls.GroupSetContainer(kernel.Devices, group, container);
            VfioCalls.SetIommu(kernel.Devices, container, VfioUapi.Type1V2);
            VfioCalls.IommuGetInfo(kernel.Devices, container);
            var memory = kernel.Memory.Map(1UL << 40, MappingProtection.ReadWrite, MappingSharing.Anonymous, -1, 0);
            VfioCalls.IommuMapDma(kernel.Devices, container, IovaRange.FromLength(0, 0x1000), new HostAddress((ulong)memory.Value), DmaAccess.ReadWrite);
            VfioCalls.IommuMapDma(kernel.Devices, container, IovaRange.FromLength(0x80_0000_0000, 0x1000), new HostAddress((ulong)memory.Value), DmaAccess.ReadWrite);
            kernel.Memory.Unmap(new HostAddress((ulong)memory.Value), 1UL << 40);
        }

        Assert.Null(RecordingReplay.Run(Recording.Load(_path)).Difference);
    }

    [Fact]
    public void Changes_of_the_host_and_memory_from_before_are_replayed()
    {
        using var emulated = Kernel();
        var memory = emulated.Map(0x2000, MappingProtection.ReadWrite, MappingSharing.Anonymous, -1, 0);
        using (var file = RecordingFile.Create(_path))
        {
            var kernel = file.Record(emulated.ToHostKernel());
            emulated.Host.UnbindDriver(Card);
            kernel.Devices.Open("/dev/vfio/6");
            emulated.Host.AddDevice(new PciDeviceSpec("0000:02:00.0"), 7);
            emulated.Host.BindToVfio("0000:02:00.0");
            var container = kernel.Devices.Open("/dev/vfio/vfio").Descriptor;
            VfioCalls.GroupSetContainer(kernel.Devices, kernel.Devices.Open("/dev/vfio/7").Descriptor, container);
            VfioCalls.SetIommu(kernel.Devices, container, VfioUapi.Type1V2);
            VfioCalls.IommuMapDma(kernel.Devices, container, IovaRange.FromLength(0, 0x2000), new HostAddress((ulong)memory.Value), DmaAccess.ReadWrite);
        }

        var result = RecordingReplay.Run(Recording.Load(_path));

        Assert.Null(result.Difference);
        Assert.Equal(6, result.Calls);
    }

    [Fact]
    public void A_file_holds_the_calls_of_one_kernel()
    {
        using var emulated = Kernel();
        using var file = RecordingFile.Create(_path);
        file.Record(emulated.ToHostKernel());

        Assert.Throws<InvalidOperationException>(() => file.Record(emulated.ToHostKernel()));
    }

    private static EmulatedKernel Kernel(IovaRange? aperture = null, ulong? pageSizes = null) =>
        new(EmulatedHost.Build(host => host.Unit("dmar0", aperture: aperture, pageSizes: pageSizes).Group(6).Device(Card, "vfio-pci").Msi()));
}
