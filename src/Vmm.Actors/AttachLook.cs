using Vmm.Iommu.Reserved;

namespace Vmm.Actors;

/// <summary>What an attach has come to, before it is committed: its caller may look and take it back. The device is not open yet.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Group">Number of its group.</param>
/// <param name="Container">Number of the container that its group is in.</param>
/// <param name="IsNewContainer">True when the container was made for it.</param>
/// <param name="WindowsBefore">What every container of the space could map before; all IOVAs where there was none.</param>
/// <param name="WindowsAfter">What every container can map with the group in.</param>
/// <param name="Skipped">Sections that the container leaves out.</param>
public sealed record AttachLook(
    string Device,
    int Group,
    int Container,
    bool IsNewContainer,
    ValidIovaRanges WindowsBefore,
    ValidIovaRanges WindowsAfter,
    IReadOnlyList<SkippedSection> Skipped);
