namespace Vmm.Actors;

/// <summary>How an attach may choose its container.</summary>
/// <param name="AllowNewContainer">Make another container when no existing one takes the group. On for the legacy path.</param>
/// <param name="AllowSkips">In a new container, leave out peer-to-peer BARs that cannot be mapped there.</param>
/// <param name="FreezeWindows">Refuse when the container's valid IOVA windows would change.</param>
public sealed record AttachPolicy(bool AllowNewContainer = true, bool AllowSkips = true, bool FreezeWindows = false)
{
    /// <summary>What is used when a caller gives none.</summary>
    public static readonly AttachPolicy Default = new();
}
