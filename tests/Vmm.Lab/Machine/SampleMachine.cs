using Vmm.Lab.Histories;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Machine;

/// <summary>A small host for runs without a lab: two groups of one device, one of two of which a host driver has one, a mediated device.</summary>
internal static class SampleMachine
{
    private const string Mediated = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";

    /// <summary>What histories name on it.</summary>
    public static readonly MachineShape Shape = new(
    [
        Group(1, isViable: true, "0000:01:00.0"),
        Group(2, isViable: true, "0000:02:00.0"),
        Group(3, isViable: false, "0000:03:00.0"),
        new GroupShape("/dev/vfio/7", IsMediated: true, IsViable: true, [new DeviceShape(Mediated, null, IsSlowToOpen: false)]),
    ]);

    /// <summary>The host, made anew.</summary>
    public static EmulatedHost Build() => EmulatedHost.Build(host => host
        .Group(1).Device("0000:01:00.0", "vfio-pci", [0x4000]).Msi()
        .Group(2).Device("0000:02:00.0", "vfio-pci", [0x10_0000]).Msi()
        .Group(3).Device("0000:03:00.0", "vfio-pci").Device("0000:03:00.1", "nvme").Msi()
        .Group(7).Mediated(Mediated));

    private static GroupShape Group(int number, bool isViable, string device) =>
        new($"/dev/vfio/{number}", IsMediated: false, isViable, [new DeviceShape(device, null, IsSlowToOpen: false)]);
}
