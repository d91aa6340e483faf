using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Planning;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Messages of an address space's actor. Commands carry an id, are done one at a time in order of arrival, and are answered
/// exactly once to their sender: by the reply named with each, or by <see cref="Faulted"/>.
/// </summary>
public static class AddressSpaceProtocol
{
    /// <summary>A command or a question.</summary>
    public interface ICommand
    {
        /// <summary>Chosen by the caller; never used twice.</summary>
        Guid Id { get; }
    }

    /// <summary>Check a view and map what collides with nothing. Answered by <see cref="ViewPrepared"/> or <see cref="ViewRefused"/>.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="View">The view to be.</param>
    public sealed record PrepareView(Guid Id, FlatView View) : ICommand;

    /// <summary>The view can be committed.</summary>
    /// <param name="Id">The command.</param>
    public sealed record ViewPrepared(Guid Id);

    /// <summary>The view cannot be; nothing has changed.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Refusal">Why.</param>
    public sealed record ViewRefused(Guid Id, Refusal Refusal);

    /// <summary>Make a view the space's view. Answered by <see cref="ViewCommitted"/>.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="View">The view.</param>
    public sealed record CommitView(Guid Id, FlatView View) : ICommand;

    /// <summary>The view is the space's view.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Report">What was done, and what could not be.</param>
    public sealed record ViewCommitted(Guid Id, ViewReport Report);

    /// <summary>Attach a device. Answered by <see cref="Attached"/> or <see cref="AttachRefused"/>.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Device">The device's name.</param>
    /// <param name="Policy">How to choose a container.</param>
    public sealed record AttachDevice(Guid Id, string Device, AttachPolicy Policy) : ICommand
    {
        /// <summary>Asked once, in the actor, what the attach came to: false, or an exception, takes it back. Null to keep it.</summary>
        public Func<AttachLook, bool>? Keep { get; init; }
    }

    /// <summary>The device is in.</summary>
    /// <param name="Id">The command; names the binding from now on.</param>
    /// <param name="Group">Number of its group.</param>
    /// <param name="Container">Number of the container.</param>
    /// <param name="Snapshot">The container as it is with the device in it.</param>
    /// <param name="Hardware">The open device.</param>
    /// <param name="Skipped">Sections that the container leaves out.</param>
    public sealed record Attached(
        Guid Id,
        int Group,
        int Container,
        ContainerSnapshot Snapshot,
        AssignedDevice Hardware,
        IReadOnlyList<SkippedSection> Skipped);

    /// <summary>The device is not in; nothing is left changed.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Refusal">Why.</param>
    public sealed record AttachRefused(Guid Id, Refusal Refusal);

    /// <summary>Detach a device. Answered by <see cref="Detached"/> or <see cref="DetachPending"/>.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Binding">The id of the attach.</param>
    public sealed record DetachDevice(Guid Id, Guid Binding) : ICommand;

    /// <summary>The device is out, or never was in.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="GroupReleased">True when its group left with it.</param>
    public sealed record Detached(Guid Id, bool GroupReleased);

    /// <summary>The device is closed but the kernel keeps its group.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Holds">What still holds it.</param>
    public sealed record DetachPending(Guid Id, string Holds);

    /// <summary>What would an attach do? Answered by <see cref="AttachPlanned"/>. Changes nothing.</summary>
    /// <param name="Id">The question.</param>
    /// <param name="Device">The device's name.</param>
    /// <param name="Policy">How to choose a container.</param>
    public sealed record PlanAttach(Guid Id, string Device, AttachPolicy Policy) : ICommand;

    /// <summary>The answer to <see cref="PlanAttach"/>.</summary>
    /// <param name="Id">The question.</param>
    /// <param name="Plan">The plan; null when the group is not to be had.</param>
    /// <param name="Refusal">Why there is no plan; null when there is one.</param>
    public sealed record AttachPlanned(Guid Id, AttachPlan? Plan, Refusal? Refusal);

    /// <summary>Change what holds whoever attaches. Answered by <see cref="RulesChanged"/> or <see cref="RulesRefused"/>.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Change">Makes the new rules of those in force; called once, in the actor.</param>
    public sealed record ChangeRules(Guid Id, Func<SpaceRules, SpaceRules> Change) : ICommand;

    /// <summary>The rules are in force.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Rules">The rules.</param>
    public sealed record RulesChanged(Guid Id, SpaceRules Rules);

    /// <summary>The rules are as before.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Refusal">Why.</param>
    public sealed record RulesRefused(Guid Id, Refusal Refusal);

    /// <summary>Take an attach or a preparation back, whether it waits, runs or is done. What was done of it is undone; a command that is not answered yet is answered with <see cref="RefusalReason.Abandoned"/>. No other answer.</summary>
    /// <param name="Id">The command.</param>
    public sealed record Abandon(Guid Id);

    /// <summary>What is mapped where. Answered by <see cref="State"/>.</summary>
    /// <param name="Id">The question.</param>
    public sealed record GetState(Guid Id) : ICommand;

    /// <summary>The answer to <see cref="GetState"/>.</summary>
    /// <param name="Id">The question.</param>
    /// <param name="Space">The space.</param>
    public sealed record State(Guid Id, AddressSpaceState Space);

    /// <summary>Detach everything and stop. Answered by <see cref="Closed"/>.</summary>
    /// <param name="Id">The command.</param>
    public sealed record Close(Guid Id) : ICommand;

    /// <summary>Everything is released, but for what is named.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Left">What could not be released.</param>
    public sealed record Closed(Guid Id, IReadOnlyList<string> Left);

    /// <summary>The command was lost to a fault. What it had begun is undone, or finished where it cannot be refused; one that was not begun has done nothing, and the words say so.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Words">What happened.</param>
    public sealed record Faulted(Guid Id, string Words);
}
