using Vmm.Iommu.Kernel;

namespace Vmm.Testing.Emulation;

/// <summary>Names an emulated kernel where one has to be named, such as in <c>AddVmm(o => o.UseEmulatedKernel(host))</c>.</summary>
public static class EmulatedKernelChoice
{
    /// <summary>Runs on a new emulated kernel of <paramref name="host"/>, which lives as long as the process.</summary>
    /// <param name="choice">What has to be told.</param>
    /// <param name="host">The host; it carries this one kernel.</param>
    public static T UseEmulatedKernel<T>(this T choice, EmulatedHost host)
        where T : IKernelChoice
    {
        ArgumentNullException.ThrowIfNull(host);
        return choice.UseEmulatedKernel(new EmulatedKernel(host));
    }

    /// <summary>Runs on <paramref name="kernel"/>, which stays the caller's: to look at it, to do DMA, to dispose of it after the host has stopped.</summary>
    /// <param name="choice">What has to be told.</param>
    /// <param name="kernel">The kernel.</param>
    public static T UseEmulatedKernel<T>(this T choice, EmulatedKernel kernel)
        where T : IKernelChoice
    {
        ArgumentNullException.ThrowIfNull(choice);
        ArgumentNullException.ThrowIfNull(kernel);
        choice.KernelSource = kernel.ToHostKernel;
        return choice;
    }
}
