namespace Vmm.Actors.Client;

/// <summary>How a detach ended.</summary>
/// <param name="IsDetached">True when the device is out.</param>
/// <param name="GroupReleased">True when its group left the container with it.</param>
/// <param name="Pending">What still holds it, in words; null when detached.</param>
public sealed record DetachOutcome(bool IsDetached, bool GroupReleased, string? Pending);
