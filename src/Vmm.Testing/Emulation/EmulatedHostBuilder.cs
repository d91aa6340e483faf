using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Emulation;

/// <summary>Makes a host in code: IOMMUs, then groups, each with the devices and regions named after it.</summary>
public sealed class EmulatedHostBuilder
{
    private const ulong FirstBarAddress = 0x3800_0000_0000;
    private ulong _nextBar = FirstBarAddress;
    private int? _group;

    internal EmulatedHostBuilder()
    {
        Host = new EmulatedHost(new SysfsTree());
        Host.Tree.AddSkeleton();
    }

    internal EmulatedHost Host { get; }

    /// <summary>An IOMMU. Without one, the first device brings a VT-d called <c>dmar0</c>.</summary>
    /// <param name="name">Its name in <c>/sys/class/iommu</c>.</param>
    /// <param name="kind">Whose it is.</param>
    /// <param name="aperture">Its IOVAs; 48 bits when null.</param>
    /// <param name="pageSizes">Its page sizes as a bitmap; 4 KiB, 2 MiB and 1 GiB when null.</param>
    /// <param name="isolatedMsi">False when its interrupts are not remapped.</param>
    public EmulatedHostBuilder Unit(
        string name,
        IommuKind kind = IommuKind.VtD,
        IovaRange? aperture = null,
        ulong? pageSizes = null,
        bool isolatedMsi = true)
    {
        var unit = Host.AddUnit(name, kind);
        unit.Aperture = aperture ?? unit.Aperture;
        unit.PageSizes = pageSizes is { } bitmap ? new(bitmap) : unit.PageSizes;
        unit.HasIsolatedMsi = isolatedMsi;
        Host.Tree.AddUnit(unit);
        return this;
    }

    /// <summary>The group that what follows belongs to.</summary>
    public EmulatedHostBuilder Group(int id)
    {
        _group = id;
        return this;
    }

    /// <summary>A PCI function in the current group.</summary>
    /// <param name="name">Its address: <c>0000:01:00.0</c>.</param>
    /// <param name="driver">The driver bound to it; null for none.</param>
    /// <param name="bars">Sizes of its memory BARs from BAR 0, in bytes; 0 for an absent one.</param>
    /// <param name="unit">Its IOMMU; null for the first.</param>
    public EmulatedHostBuilder Device(string name, string? driver = null, IReadOnlyList<ulong>? bars = null, string? unit = null) =>
        Device(new PciDeviceSpec(name) { Driver = driver, Unit = unit, Bars = [.. (bars ?? []).Select(NextBar)] });

    /// <summary>A PCI function in the current group, in every detail.</summary>
    public EmulatedHostBuilder Device(PciDeviceSpec spec)
    {
        if (Host.Units.Count == 0)
        {
            Unit("dmar0");
        }

        Host.AddDevice(spec, Current);
        return this;
    }

    /// <summary>A reserved region of the current group, which has a device already.</summary>
    public EmulatedHostBuilder Reserved(ReservedRegionKind kind, IovaRange range)
    {
        var group = Host.Group(Current);
        Host.SetReservedRegions(Current, [.. group.Reserved, new ReservedRegion(kind, range, $"group {Current}", "host")]);
        return this;
    }

    /// <summary>VT-d's interrupt window, 0xfee00000 to 0xfeefffff, in the current group.</summary>
    public EmulatedHostBuilder Msi() => Reserved(ReservedRegionKind.Msi, IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff));

    /// <summary>A mediated device; the current group is its own.</summary>
    /// <param name="uuid">Its name.</param>
    /// <param name="driver">Its driver.</param>
    public EmulatedHostBuilder Mediated(string uuid, string driver = "mtty")
    {
        Host.AddMediatedDevice(uuid, driver, Current);
        return this;
    }

    private int Current => _group ?? throw new InvalidOperationException("Name a group first: Group(6).Device(…).");

    private PciBar NextBar(ulong length)
    {
        if (length == 0)
        {
            return default;
        }

        var start = _nextBar;
        _nextBar += (length + 0xffff) & ~0xffffUL;
        return PciBar.Memory(start, length);
    }
}
