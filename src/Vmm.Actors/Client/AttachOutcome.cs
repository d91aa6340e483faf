using System.Diagnostics.CodeAnalysis;

namespace Vmm.Actors.Client;

/// <summary>How an attach ended: a binding, or a refusal.</summary>
/// <param name="Binding">The attached device; null when refused.</param>
/// <param name="Refusal">Why not; null when attached.</param>
/// <param name="Skipped">Sections that its container leaves out, and why.</param>
public sealed record AttachOutcome(IDeviceBinding? Binding, Refusal? Refusal, IReadOnlyList<SkippedSection> Skipped)
{
    /// <summary>True when the device is attached.</summary>
    [MemberNotNullWhen(true, nameof(Binding))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAttached => Binding is not null;
}
