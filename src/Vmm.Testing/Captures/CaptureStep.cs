namespace Vmm.Testing.Captures;

/// <summary>A step of a capture: an input, and the calls that QEMU made of it.</summary>
/// <param name="Index">Place among the steps, from 0.</param>
/// <param name="Space">The address space.</param>
/// <param name="Calls">What QEMU called, in order.</param>
public abstract record CaptureStep(int Index, string Space, IReadOnlyList<CapturedCall> Calls)
{
    /// <summary>The space has a new view.</summary>
    /// <param name="Index">Place among the steps, from 0.</param>
    /// <param name="Space">The address space.</param>
    /// <param name="Calls">What QEMU called, in order.</param>
    /// <param name="Sections">All of the view, ascending.</param>
    public sealed record View(int Index, string Space, IReadOnlyList<CapturedCall> Calls, IReadOnlyList<CaptureSection> Sections)
        : CaptureStep(Index, Space, Calls);

    /// <summary>A device joins the space.</summary>
    /// <param name="Index">Place among the steps, from 0.</param>
    /// <param name="Space">The address space.</param>
    /// <param name="Calls">What QEMU called, in order.</param>
    /// <param name="Device">The device's name in sysfs.</param>
    /// <param name="Backend"><c>legacy</c> or <c>iommufd</c>.</param>
    /// <param name="Refusal">The words of the refusal that a client saw; null when the device was attached.</param>
    public sealed record Attach(int Index, string Space, IReadOnlyList<CapturedCall> Calls, string Device, string Backend, string? Refusal)
        : CaptureStep(Index, Space, Calls);
}
