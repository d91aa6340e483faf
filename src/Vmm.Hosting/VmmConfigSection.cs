using Microsoft.Extensions.Configuration;

namespace Vmm.Hosting;

/// <summary>Reads options from a section of a host's configuration, as strictly as a file.</summary>
public static class VmmConfigSection
{
    /// <summary>
    /// Sets the options that the section has: <c>AddVmm(o => o.Read(configuration.GetSection("Vmm")).UseLinuxKernel())</c>.
    /// A kernel that the section names has to be the one that is used.
    /// </summary>
    /// <param name="options">The options to set.</param>
    /// <param name="section">The section; one that does not exist sets nothing.</param>
    /// <exception cref="VmmConfigException">A key is unknown or its value cannot be used: the message names section and key.</exception>
    public static VmmOptions Read(this VmmOptions options, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(section);
        foreach (var entry in section.GetChildren())
        {
            var key = VmmOptionKeys.Find(entry.Key)
                ?? throw new VmmConfigException($"{entry.Path}: no such key; the keys are {VmmOptionKeys.Names}");
            if (entry.Value is null)
            {
                throw new VmmConfigException($"{entry.Path}: takes one value ({key.Shape}); write {key.Sample}");
            }

            if (key.Set(options, entry.Value) is { } wrong)
            {
                throw new VmmConfigException($"{entry.Path}: {wrong}");
            }
        }

        return options;
    }
}
