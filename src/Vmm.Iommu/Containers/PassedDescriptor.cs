using System.Globalization;
using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Containers;

/// <summary>What a person is told of a descriptor that somebody opened for this process. What it is good for only its own calls tell.</summary>
internal static class PassedDescriptor
{
    /// <summary>Its number, and what /proc says that it is.</summary>
    /// <param name="proc">Where descriptors show.</param>
    /// <param name="descriptor">The descriptor's number.</param>
    public static string Describe(IProc proc, int descriptor)
    {
        ArgumentNullException.ThrowIfNull(proc);
        var link = proc.ReadLink(string.Create(CultureInfo.InvariantCulture, $"self/fd/{descriptor}"));
        return string.Create(CultureInfo.InvariantCulture, $"fd {descriptor} ({(link.IsOk ? link.Value : "not open")})");
    }
}
