using System.Collections.Frozen;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Topology;

/// <summary>What a device is, in words.</summary>
internal static class DeviceClass
{
    private static readonly FrozenDictionary<uint, string> Classes = new Dictionary<uint, string>
    {
        [0x0100] = "SCSI controller",
        [0x0104] = "RAID controller",
        [0x0106] = "SATA controller",
        [0x0107] = "SAS controller",
        [0x0108] = "NVMe controller",
        [0x0200] = "Ethernet controller",
        [0x0207] = "InfiniBand controller",
        [0x0280] = "network controller",
        [0x0300] = "VGA controller",
        [0x0302] = "3D controller",
        [0x0380] = "display controller",
        [0x0401] = "audio device",
        [0x0403] = "audio device",
        [0x0500] = "RAM controller",
        [0x0600] = "host bridge",
        [0x0601] = "ISA bridge",
        [0x0604] = "PCI bridge",
        [0x0607] = "CardBus bridge",
        [0x0609] = "PCI bridge",
        [0x0700] = "serial controller",
        [0x0780] = "communication controller",
        [0x0800] = "interrupt controller",
        [0x0806] = "IOMMU",
        [0x0880] = "system peripheral",
        [0x0c03] = "USB controller",
        [0x0c05] = "SMBus",
        [0x1200] = "accelerator",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<uint, string> Bases = new Dictionary<uint, string>
    {
        [0x00] = "unclassified device",
        [0x01] = "storage controller",
        [0x02] = "network controller",
        [0x03] = "display controller",
        [0x04] = "multimedia device",
        [0x05] = "memory controller",
        [0x06] = "bridge",
        [0x07] = "communication controller",
        [0x08] = "system peripheral",
        [0x09] = "input device",
        [0x0b] = "processor",
        [0x0c] = "serial bus controller",
        [0x0d] = "wireless controller",
        [0x10] = "encryption controller",
        [0x11] = "signal processor",
        [0x12] = "accelerator",
    }.ToFrozenDictionary();

    /// <summary>The words for a device; null when nothing is known but its bus.</summary>
    public static string? Of(HostDevice device)
    {
        if (device.IsMediated)
        {
            return device.MdevType is { } type ? $"mediated device, {type}" : "mediated device";
        }

        return device.PciClass is not { } pciClass
            ? null
            : Classes.GetValueOrDefault(pciClass >> 8) ?? Bases.GetValueOrDefault(pciClass >> 16) ?? $"class {pciClass:x6}";
    }
}
