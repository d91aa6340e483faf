using Vmm.Hosting;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Emulation;

namespace Vmm.Cli;

/// <summary>Opens the host that somebody named. A captured host is loaded at once, so that a bad one is refused before anything starts.</summary>
internal static class HostSource
{
    /// <summary>The kernel of a host.</summary>
    /// <exception cref="HostLoadException">The captured host cannot be used.</exception>
    public static HostKernel Open(HostSpec spec) =>
        spec.EmulatedPath is { } path ? new EmulatedKernel(EmulatedHost.Load(path)).ToHostKernel() : LinuxKernel.Create();

    /// <summary>Names the kernel that a configuration asks for.</summary>
    /// <exception cref="HostLoadException">The captured host cannot be used.</exception>
    public static void Name(VmmOptions options)
    {
        if (options.Host is { } path)
        {
            options.UseEmulatedKernel(EmulatedHost.Load(path));
        }
        else
        {
            options.UseLinuxKernel();
        }
    }
}
