using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;

namespace Vmm.Contract.Stories;

/// <summary>The calls of iommufd and of devices' own nodes.</summary>
public sealed partial class StoryRun
{
    private string OpenDeviceNode(string name, string device)
    {
        var bus = device.Contains(':') ? "pci" : "mdev";
        var nodes = host.Kernel.Sysfs.List($"bus/{bus}/devices/{device}/vfio-dev");
        return nodes.IsOk ? Open(name, $"/dev/vfio/devices/{nodes.Value[0]}") : nodes.Errno.Name;
    }

    private string AllocateIoas(string name, int iommufd)
    {
        var answer = IommufdCalls.IoasAlloc(Devices, iommufd, out var ioas);
        _ids[name] = ioas;
        return Say(answer);
    }

    private uint Id(StoryLine line, int index) => (uint)Number(line.Words[index]);

    private IovaRange Range(StoryLine line) => IovaRange.FromLength(Option(line, "iova", "0x10000"), Option(line, "size", "0x1000"));

    private string MapInIoas(StoryLine line)
    {
        var access = line.Options.GetValueOrDefault("flags", "rw") switch { "r" => DmaAccess.Read, "w" => DmaAccess.Write, _ => DmaAccess.ReadWrite };
        return Say(IommufdCalls.IoasMap(Devices, Descriptor(line), Id(line, 1), Range(line), new HostAddress(Option(line, "vaddr", "m")), access));
    }

    private string MapFileInIoas(StoryLine line) => Say(IommufdCalls.IoasMapFile(
        Devices, Descriptor(line), Id(line, 1), Range(line), Descriptor(line, 2), 0, DmaAccess.ReadWrite));

    /// <summary>The answer is the number of bytes that were unmapped.</summary>
    private string UnmapInIoas(StoryLine line)
    {
        var answer = line.Options.ContainsKey("iova")
            ? IommufdCalls.IoasUnmap(Devices, Descriptor(line), Id(line, 1), Range(line), out var unmapped)
            : IommufdCalls.IoasUnmapAll(Devices, Descriptor(line), Id(line, 1), out unmapped);
        return answer.IsOk ? $"0x{unmapped:x}" : answer.Errno.Name;
    }

    /// <summary>From the first IOAS to the second, at <c>to</c>.</summary>
    private string CopyIoas(StoryLine line) => Say(IommufdCalls.IoasCopy(
        Devices, Descriptor(line), Id(line, 1), Range(line), Id(line, 2), new Iova(Option(line, "to", "0x10000")), DmaAccess.ReadWrite));
}
