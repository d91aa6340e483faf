using Vmm.Iommu.Results;

namespace Vmm.Testing.Captures;

/// <summary>One call on a container, a group or a device, as it was captured or as it was recorded here.</summary>
/// <param name="Name">The kernel's name.</param>
/// <param name="Path">What its descriptor was opened as.</param>
/// <param name="Descriptor">The descriptor's number.</param>
/// <param name="Result">The call's value; -1 when it failed.</param>
/// <param name="Errno">Its errno, or none.</param>
/// <param name="Fields">Arguments and answers that mean something, by the structs' names, in their order.</param>
public sealed record CapturedCall(
    string Name,
    string Path,
    int Descriptor,
    long Result,
    Errno Errno,
    IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>True for calls that a replay compares: those of legacy containers and groups, and what iommufd maps.</summary>
    public bool IsCompared => Path.StartsWith("/dev/vfio/", StringComparison.Ordinal)
        ? !Path.StartsWith("/dev/vfio/devices/", StringComparison.Ordinal)
        : CaptureCallReader.IsMappingOfIommufd(Name);

    /// <summary>A field; null where the call has none of that name.</summary>
    public string? this[string field] => Fields.FirstOrDefault(pair => pair.Key == field).Value;
}
