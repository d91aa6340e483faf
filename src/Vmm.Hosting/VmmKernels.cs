using Vmm.Iommu.Kernel;

namespace Vmm.Hosting;

/// <summary>Names the kernel that this library can name.</summary>
public static class VmmKernels
{
    /// <summary>Runs on the kernel of this machine: needs <c>/dev/vfio/vfio</c> and groups whose nodes this user may open.</summary>
    /// <param name="options">The options to set.</param>
    public static VmmOptions UseLinuxKernel(this VmmOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.KernelSource = LinuxKernel.Create;
        return options;
    }
}
