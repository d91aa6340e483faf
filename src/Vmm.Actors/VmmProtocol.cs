using Vmm.Actors.AddressSpaces;
using Vmm.Iommu.HotPath;

namespace Vmm.Actors;

/// <summary>Messages of <see cref="VmmActor"/>.</summary>
public static class VmmProtocol
{
    /// <summary>Make an address space. Answered by <see cref="SpaceOpened"/> or <see cref="SpaceRefused"/>.</summary>
    /// <param name="Name">Unique in the VM.</param>
    /// <param name="GuestIommu">The vIOMMU that translates it; null for none.</param>
    public sealed record OpenSpace(string Name, IGuestIommu? GuestIommu = null);

    /// <summary>The space is there.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Mapper">Where its hot maps go.</param>
    public sealed record SpaceOpened(string Name, DmaMapper Mapper);

    /// <summary>The space was not made.</summary>
    /// <param name="Words">Why.</param>
    public sealed record SpaceRefused(string Words);

    /// <summary>Detach everything in a space and end it. Answered by <see cref="SpaceClosed"/>.</summary>
    /// <param name="Name">The space.</param>
    public sealed record CloseSpace(string Name);

    /// <summary>The space is gone; its containers are closed.</summary>
    /// <param name="Name">The space.</param>
    /// <param name="Left">What could not be released, in words; empty when all is.</param>
    public sealed record SpaceClosed(string Name, IReadOnlyList<string> Left);

    /// <summary>A command for a space by name, forwarded to its actor. It is answered even when that actor stops meanwhile.</summary>
    /// <param name="Space">The space.</param>
    /// <param name="Command">The command.</param>
    public sealed record ToSpace(string Space, AddressSpaceProtocol.ICommand Command);

    /// <summary>Take a command of a space back. No answer of its own.</summary>
    /// <param name="Space">The space.</param>
    /// <param name="Command">The command.</param>
    public sealed record Abandon(string Space, Guid Command);

    /// <summary>A watcher of a space's valid IOVAs has dealt with events; forwarded. No answer.</summary>
    /// <param name="Space">The space.</param>
    /// <param name="What">How far it is.</param>
    public sealed record WindowsSeen(string Space, WindowsProtocol.Seen What);

    /// <summary>A command for the host; forwarded.</summary>
    /// <param name="Command">A message of <see cref="Hosts.HostProtocol"/>.</param>
    public sealed record ToHost(object Command);

    /// <summary>There is no such space.</summary>
    /// <param name="Space">The name asked for.</param>
    public sealed record NoSuchSpace(string Space);

    /// <summary>Close every space in order. Answered by <see cref="ShutDownDone"/>, after which the actor stops.</summary>
    public sealed record ShutDown;

    /// <summary>Everything is released, but for what is named.</summary>
    /// <param name="Left">What could not be released, in words.</param>
    public sealed record ShutDownDone(IReadOnlyList<string> Left);

    /// <summary>Names of the spaces. Answered by <see cref="Spaces"/>.</summary>
    public sealed record GetSpaces;

    /// <summary>The spaces of the VM.</summary>
    /// <param name="Names">In order of creation.</param>
    public sealed record Spaces(IReadOnlyList<string> Names);
}
