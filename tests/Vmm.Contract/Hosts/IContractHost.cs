using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Contract.Hosts;

/// <summary>The machine that a test of the contract runs on: a kernel, and devices by what they are good for.</summary>
public interface IContractHost : IDisposable
{
    /// <summary>The kernel.</summary>
    HostKernel Kernel { get; }

    /// <summary>Last IOVA that the IOMMU translates.</summary>
    ulong LastIova { get; }

    /// <summary>What sysfs says of the machine.</summary>
    HostTopology Topology { get; }

    /// <summary>The device of a role.</summary>
    ContractDevice Device(DeviceRole role);

    /// <summary>True when the machine has a device of a role.</summary>
    bool Has(DeviceRole role);

    /// <summary>The memory inside the DMA device, which has to be open, its group in a container.</summary>
    /// <param name="device">The device.</param>
    IDmaBuffer DmaBuffer(AssignedDevice device);

    /// <summary>The interrupt of the DMA device, which has to be open.</summary>
    /// <param name="device">The device.</param>
    IInterruptLine InterruptLine(AssignedDevice device);

    /// <summary>What of VFIO this process holds now, and how much memory is locked for it; two moments compare by it.</summary>
    string Held();
}
