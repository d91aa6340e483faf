using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Benchmarks.Soaking;

/// <summary>An emulated machine whose ioctls fail at random, with four groups of a device each.</summary>
internal sealed class SoakMachine : IDisposable
{
    private readonly IommufdContext? _context;
    private readonly HostTopology _topology;

    /// <summary>A machine of one backend; nothing fails yet.</summary>
    public SoakMachine(SoakBackend backend, int seed)
    {
        Kernel = new EmulatedKernel(EmulatedHost.Build(host =>
        {
            foreach (var group in Enumerable.Range(1, 4))
            {
                host.Group(group).Device(DeviceOf(group), "vfio-pci");
            }
        }));
        Faults = new SoakFaults(Kernel, seed);
        _topology = new SysfsTopologyReader(Kernel).Read(1);
        if (backend == SoakBackend.Iommufd)
        {
            _context = IommufdContext.TryOpen(Faults, out var context, out var refusal) ? context : throw new SoakViolationException($"{refusal}");
        }
    }

    public EmulatedKernel Kernel { get; }

    public SoakFaults Faults { get; }

    /// <summary>The device of a group.</summary>
    public static string DeviceOf(int group) => $"0000:{group:x2}:00.0";

    /// <summary>Opens what a container takes in; false where a call failed.</summary>
    public bool TryOpenMember(int group, [NotNullWhen(true)] out IContainerMember? member)
    {
        member = null;
        if (_context is null)
        {
            member = VfioGroup.TryOpen(Faults, group, out var opened, out _) ? opened : null;
        }
        else if (_topology.TryGetDevice(DeviceOf(group), out var host))
        {
            member = IommufdDevice.TryOpen(Faults, _context, host, token: null, out var opened, out _) ? opened : null;
        }

        return member is not null;
    }

    /// <summary>Opens a container with a group inside; false, and nothing left open, where a call failed.</summary>
    public bool TryOpenContainer(int group, ValidIovaRanges hot, [NotNullWhen(true)] out SoakContainer? container)
    {
        container = null;
        if (!TryOpenMember(group, out var member))
        {
            return false;
        }

        container = member switch
        {
            VfioGroup first when Type1Container.TryOpen(Faults, first, out var opened, out _) => new SoakContainer(opened, first, opened.InfoAtOpen, hot),
            IommufdDevice first when IommufdContainer.TryOpen(Faults, first, out var opened, out _) => new SoakContainer(opened, first, opened.InfoAtOpen, hot),
            _ => null,
        };
        if (container is null)
        {
            member.Close();
        }

        return container is not null;
    }

    /// <summary>Closes what the containers share, when they are closed.</summary>
    public void CloseContext() => _context?.Close();

    public void Dispose() => Kernel.Dispose();
}
