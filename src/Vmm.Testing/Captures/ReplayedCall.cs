using System.Globalization;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Captures;

/// <summary>A call with what can be compared between two processes: the role of a descriptor for its number, a place in memory for an address.</summary>
/// <param name="Name">The kernel's name.</param>
/// <param name="Path">What its descriptor was opened as.</param>
/// <param name="Role">What the descriptor is: <c>container 1</c> (counted as they are opened), <c>group 6</c>.</param>
/// <param name="Result">The call's value; -1 when it failed. A descriptor is compared by being one.</param>
/// <param name="Errno">Its errno, or none.</param>
/// <param name="Fields">Arguments and answers, by the structs' names.</param>
/// <param name="Host">The memory that is mapped; null where none is, or where the address is nobody's.</param>
public sealed record ReplayedCall(
    string Name,
    string Path,
    string Role,
    long Result,
    Errno Errno,
    IReadOnlyList<KeyValuePair<string, string>> Fields,
    HostPlace? Host)
{
    /// <summary>True when the value is a descriptor, whose number means nothing.</summary>
    public bool GivesDescriptor => Name == VfioUapi.GroupGetDeviceFd.Name && Errno.IsNone;

    /// <summary>True when it maps a file, whose offset is what can be compared.</summary>
    private bool IsByFile => Name == IommufdUapi.IoasMapFile.Name;

    /// <summary>True when it maps.</summary>
    public bool IsMap => Name == VfioUapi.IommuMapDma.Name || Name == IommufdUapi.IoasMap.Name || Name == IommufdUapi.IoasMapFile.Name;

    /// <summary>True when it unmaps.</summary>
    public bool IsUnmap => Name == VfioUapi.IommuUnmapDma.Name || Name == IommufdUapi.IoasUnmap.Name;

    /// <summary>All that is compared, on one line.</summary>
    public override string ToString()
    {
        var answer = !Errno.IsNone ? $"-1 {Errno.Name}" : GivesDescriptor ? "a descriptor" : Result.ToString(CultureInfo.InvariantCulture);
        var arguments = string.Join(", ", Fields.Select(field => $"{field.Key} {field.Value}"));
        return $"{Name} on {Role} = {answer}{(arguments.Length == 0 ? "" : $": {arguments}")}{(Host is null || IsByFile ? "" : $", host {Host}")}";
    }
}
