using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Emulation;

namespace Vmm.Iommu.Tests.Containers;

/// <summary>An emulated kernel on a host with three groups, and groups, containers and memory of it. At the end nothing may be held.</summary>
internal sealed class ContainerRig : IDisposable
{
    public const string NetworkCard = "0000:01:00.0";
    public const string Disk = "0000:02:00.0";
    public const string Mediated = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";

    private readonly bool _mayLeak;

    public ContainerRig(Action<EmulatedHostBuilder>? build = null, EmulatedKernelOptions? options = null, bool mayLeak = false)
    {
        _mayLeak = mayLeak;
        Kernel = new EmulatedKernel(EmulatedHost.Build(build ?? Default), options);
        Devices = Kernel;
    }

    public static IovaRange MsiWindow => IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff);

    public EmulatedKernel Kernel { get; }

    /// <summary>What the code under test calls: the kernel, or something in front of it.</summary>
    public IDevices Devices { get; set; }

    public static void Default(EmulatedHostBuilder host) => host
        .Group(1).Device(NetworkCard, "vfio-pci", [0x4000, 0, 0x20_0000]).Msi()
        .Group(2).Device(Disk, "vfio-pci", [0x1000]).Msi()
        .Group(7).Mediated(Mediated);

    public VfioGroup Group(int number)
    {
        Assert.True(VfioGroup.TryOpen(Devices, number, out var group, out var refusal), refusal?.ToString());
        return group;
    }

    public Type1Container Container(VfioGroup first)
    {
        Assert.True(Type1Container.TryOpen(Devices, first, out var container, out var refusal), refusal?.ToString());
        return container;
    }

    public AssignedDevice Device(VfioGroup group, string name)
    {
        Assert.True(AssignedDevice.TryOpen(Devices, Kernel, group, name, out var device, out var refusal), refusal?.ToString());
        return device;
    }

    public RamBlock Ram(ulong length = 0x10_0000) => RamBlock.Allocate(Kernel, "pc.ram", length);

    public void Dispose()
    {
        var census = Kernel.Census();
        Assert.True(_mayLeak || census.IsEmpty, census.ToString());
        Kernel.Dispose();
    }
}
