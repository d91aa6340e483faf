namespace Vmm.Iommu.Kernel;

/// <summary>Something that runs on a kernel which has to be named: there is no default, because the wrong one is never harmless.</summary>
public interface IKernelChoice
{
    /// <summary>Makes the kernel when it is needed; null until one is named by <c>UseLinuxKernel()</c> or <c>UseEmulatedKernel(host)</c>.</summary>
    Func<HostKernel>? KernelSource { get; set; }
}
