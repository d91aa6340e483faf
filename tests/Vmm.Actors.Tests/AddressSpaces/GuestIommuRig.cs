using Vmm.Actors.Client;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Testing.Emulation;
using Vmm.Testing.GuestIommus;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>A VM with a space behind a vIOMMU, whose targets are 16 MiB of system memory.</summary>
internal sealed class GuestIommuRig : IDisposable
{
    public const string Device = "0000:05:00.0";
    public const string Other = "0000:06:00.0";

    /// <summary>Where the interrupt window of <see cref="Other"/> is, and none of <see cref="Device"/>.</summary>
    public const ulong InterruptWindow = 0xfee0_0000;

    public GuestIommuRig(int seed = 1, Func<HostKernel, HostKernel>? wrap = null, MappingPlanMode mode = MappingPlanMode.Steady, BackendChoice backend = BackendChoice.Auto)
    {
        Rig = new Rig(Hosts, seed, wrap: wrap, mode: mode, backend: backend);
        Rig.Steps.Settle(() => Rig.Vmm.PublishSystemMemoryAsync(Rig.View), "system memory");
        Space = Rig.Do(() => Rig.Vmm.CreateAddressSpaceAsync("behind", Guest));
        Guest.Connect(Space.Mapper);
    }

    public Rig Rig { get; }

    public GuestIommuModel Guest { get; } = new();

    public IAddressSpace Space { get; }

    /// <summary>Everything translated, but for the interrupt window.</summary>
    public static FlatView Translated => new([Translate(0, 0xfedf_ffff), Translate(0xfef0_0000, 0xff_ffff_ffff)]);

    public static MemorySection Translate(ulong start, ulong last) =>
        new(IovaRange.FromBounds(start, last), SectionKind.Iommu, "viommu", start, ReadOnly: false, Block: null, OffsetInBlock: 0);

    public ViewReport Commit(FlatView view) => Rig.Do(() => Space.CommitViewAsync(view));

    public AttachOutcome Attach(string device) => Rig.Do(() => Space.AttachDeviceAsync(device));

    public AddressSpaceState State() => Rig.Do(() => Space.GetStateAsync());

    public void Dispose() => Rig.Dispose();

    private static void Hosts(EmulatedHostBuilder host) => host
        .Group(5).Device(Device, driver: "vfio-pci")
        .Group(6).Device(Other, driver: "vfio-pci").Msi();
}
