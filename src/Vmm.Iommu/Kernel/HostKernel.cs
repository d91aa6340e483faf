namespace Vmm.Iommu.Kernel;

/// <summary>The five sides of one kernel, and which kernel it is.</summary>
/// <param name="Name"><c>linux</c> or <c>emulated</c>: shown in health and in every reply.</param>
/// <param name="Devices">Device nodes.</param>
/// <param name="Memory">Memory of this process.</param>
/// <param name="Sysfs">The tree under /sys.</param>
/// <param name="Uevents">Uevents.</param>
/// <param name="Proc">The tree under /proc.</param>
public sealed record HostKernel(string Name, IDevices Devices, IMemory Memory, ISysfs Sysfs, IUevents Uevents, IProc Proc);
