using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

/// <summary>One device of an emulated host. Changed through <see cref="EmulatedHost"/> alone.</summary>
public sealed class EmulatedDevice
{
    internal EmulatedDevice(string name, string bus, string path)
    {
        Name = name;
        Bus = bus;
        Path = path;
        Vfio = new DeviceState(this);
    }

    /// <summary>Its name on its bus: <c>0000:01:00.0</c>, or the UUID of a mediated device.</summary>
    public string Name { get; }

    /// <summary>Its bus: <c>pci</c>, <c>mdev</c>, or another.</summary>
    public string Bus { get; }

    /// <summary>Its directory in sysfs, without a leading slash: <c>devices/pci0000:00/0000:00:05.0</c>.</summary>
    public string Path { get; }

    /// <summary>The driver bound to it, or null.</summary>
    public string? Driver { get; internal set; }

    /// <summary>The driver that its own id matches, or null when no driver of the host knows it.</summary>
    public string? NativeDriver { get; internal init; }

    /// <summary>What <c>driver_override</c> says, or null.</summary>
    public string? DriverOverride { get; internal set; }

    /// <summary>Its group; null when no IOMMU serves it.</summary>
    public EmulatedGroup? Group { get; internal set; }

    /// <summary>Its IOMMU, or null.</summary>
    public IommuUnit? Unit { get; internal init; }

    /// <summary>Vendor and device id, in the form of the uevent: <c>8086:10D3</c>.</summary>
    public string Id { get; internal init; } = "";

    /// <summary>Subsystem vendor and device id, in the same form.</summary>
    public string SubsystemId { get; internal init; } = "";

    /// <summary>Class code: 24 bits, 0x020000 is an Ethernet controller.</summary>
    public uint Class { get; internal init; }

    /// <summary>BARs 0 to 5 and the expansion ROM, in this order.</summary>
    public IReadOnlyList<PciBar> Bars { get; internal init; } = [];

    /// <summary>True for PCI Express: 4 KiB of configuration space and error interrupts.</summary>
    public bool IsExpress { get; internal set; }

    /// <summary>True when a reset of this function alone is possible.</summary>
    public bool CanReset { get; internal set; }

    /// <summary>How often it was reset, alone or with its bus.</summary>
    public int Resets { get; internal set; }

    /// <summary>Its message interrupts.</summary>
    public InterruptVectors Vectors { get; internal set; } = new(1, 0);

    /// <summary>Reserved regions that this device brings into its group.</summary>
    public IReadOnlyList<ReservedRegion> Reserved { get; internal set; } = [];

    /// <summary>Number of its <c>vfio-dev/vfioK</c>; -1 while no vfio driver is bound.</summary>
    public int VfioIndex { get; internal set; } = -1;

    /// <summary>True while an unbind or removal waits for the last descriptor of the device to be closed.</summary>
    public bool IsLeaving => Leaving is not null;

    /// <summary>True for a mediated device.</summary>
    public bool IsMediated => Bus == "mdev";

    /// <summary>True for a device that VFIO shows as a PCI function: one on the bus, or a mediated one.</summary>
    internal bool LooksLikePci => Bus is "pci" or "mdev";

    /// <summary>True for a device that joined a group in use on a kernel that does not put it into the group's domain.</summary>
    internal bool IsOutsideDomain { get; set; }

    /// <summary>True after the driver that was bound ended in BUG(): whoever bound it holds the device's lock for good.</summary>
    internal bool IsStuck { get; set; }

    /// <summary>True for a PCI bridge (to PCI, CardBus, or semi-transparent).</summary>
    internal bool IsBridge => Class >> 8 is 0x0604 or 0x0607 or 0x0609;

    /// <summary>What happens when the last descriptor is closed, or null.</summary>
    internal Action? Leaving { get; set; }

    /// <summary>Descriptors, BARs and interrupts, while a vfio driver is bound.</summary>
    internal DeviceState Vfio { get; }

    /// <summary>Keys that the bus adds to a uevent, in the kernel's order.</summary>
    internal IEnumerable<string> BusKeys(bool withModalias)
    {
        if (Bus != "pci")
        {
            yield break;
        }

        yield return $"PCI_CLASS={Class:X4}";
        yield return $"PCI_ID={Id}";
        yield return $"PCI_SUBSYS_ID={SubsystemId}";
        yield return $"PCI_SLOT_NAME={Name}";
        if (withModalias)
        {
            yield return $"MODALIAS={Modalias}";
        }
    }

    private string Modalias =>
        $"pci:v0000{Id[..4]}d0000{Id[5..]}sv0000{SubsystemId[..4]}sd0000{SubsystemId[5..]}"
        + $"bc{(Class >> 16) & 0xff:X2}sc{(Class >> 8) & 0xff:X2}i{Class & 0xff:X2}";
}
