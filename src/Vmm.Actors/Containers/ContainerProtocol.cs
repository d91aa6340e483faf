using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Containers;

/// <summary>
/// Messages of a container's actor. Each is put into the container's ring in order of arrival, one at a time, and answered
/// once to its sender.
/// </summary>
public static class ContainerProtocol
{
    /// <summary>An answer of a container.</summary>
    public interface IReply
    {
        /// <summary>Number of the container.</summary>
        int Container { get; }
    }

    /// <summary>Open a container with its first group, or device of one; refused where the view would not fit. Maps nothing yet. Answered by <see cref="Admitted"/> or <see cref="NotAdmitted"/>.</summary>
    /// <param name="Group">The group, with its reserved regions.</param>
    /// <param name="Device">The device of the group that is attached.</param>
    /// <param name="View">The view that is to be mapped.</param>
    /// <param name="Policy">What the caller allows.</param>
    /// <param name="Rejected">The containers that did not take the group, each with why.</param>
    public sealed record Open(IommuGroup Group, HostDevice Device, FlatView View, AttachPolicy Policy, IReadOnlyList<ContainerCandidate> Rejected)
    {
        /// <summary>Holes that the user asked for.</summary>
        public IReadOnlyList<ReservedRegion> Holes { get; init; } = [];
    }

    /// <summary>Take a further group, or a device of one, in. Answered by <see cref="Admitted"/> or <see cref="NotAdmitted"/>.</summary>
    /// <param name="Group">The group, with its reserved regions.</param>
    /// <param name="Device">The device of the group that is attached.</param>
    /// <param name="View">The view that is mapped.</param>
    /// <param name="Policy">What the caller allows.</param>
    public sealed record Admit(IommuGroup Group, HostDevice Device, FlatView View, AttachPolicy Policy);

    /// <summary>The group is in.</summary>
    /// <param name="Container">Number of the container.</param>
    /// <param name="Snapshot">The container with the group in it.</param>
    public sealed record Admitted(int Container, ContainerSnapshot Snapshot) : IReply;

    /// <summary>The group or the device is not in, and nothing has changed; of a view, what was mapped for it stays until a <see cref="Reconcile"/>.</summary>
    /// <param name="Container">Number of the container.</param>
    /// <param name="Refusal">Why.</param>
    /// <param name="Snapshot">The container as it is; null where it was not opened.</param>
    public sealed record NotAdmitted(int Container, Refusal Refusal, ContainerSnapshot? Snapshot) : IReply;

    /// <summary>Have other holes that the user asked for; refused where a mapping lies in one. Answered by <see cref="Admitted"/> or <see cref="NotAdmitted"/>.</summary>
    /// <param name="Holes">All of them, in place of those before.</param>
    public sealed record SetHoles(IReadOnlyList<ReservedRegion> Holes);

    /// <summary>Open a device of a group that is in. Answered by <see cref="DeviceOpened"/> or <see cref="NotAdmitted"/>.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Device">The device's name.</param>
    public sealed record OpenDevice(int Group, string Device);

    /// <summary>The device is open.</summary>
    /// <param name="Container">Number of the container.</param>
    /// <param name="Hardware">The device.</param>
    /// <param name="Snapshot">The container now.</param>
    public sealed record DeviceOpened(int Container, AssignedDevice Hardware, ContainerSnapshot Snapshot) : IReply;

    /// <summary>Check a view, and map what it adds where nothing live is in the way. Answered by <see cref="ViewPrepared"/> or <see cref="NotAdmitted"/>.</summary>
    /// <param name="View">The view to be.</param>
    public sealed record PrepareView(FlatView View);

    /// <summary>The view can be committed here.</summary>
    /// <param name="Container">Number of the container.</param>
    public sealed record ViewPrepared(int Container) : IReply;

    /// <summary>Bring the mappings to a view. Answered by <see cref="ViewApplied"/>.</summary>
    /// <param name="View">The view.</param>
    /// <param name="AllOrNothing">True to stop at the first RAM that cannot be mapped; what was mapped by then stays until a <see cref="Reconcile"/>.</param>
    public sealed record ApplyView(FlatView View, bool AllOrNothing = false);

    /// <summary>The mappings are the view's, but for what is named.</summary>
    /// <param name="Container">Number of the container.</param>
    /// <param name="Report">What was done.</param>
    /// <param name="Critical">The first RAM that could not be mapped, as a refusal; null when all is.</param>
    public sealed record ViewApplied(int Container, ViewReport Report, Refusal? Critical) : IReply;

    /// <summary>Bring devices, groups and mappings to what is wanted, whatever happened before. Answered by <see cref="Reconciled"/>.</summary>
    /// <param name="Devices">The devices that stay open; groups without one leave.</param>
    /// <param name="View">The view that stays mapped.</param>
    public sealed record Reconcile(IReadOnlySet<string> Devices, FlatView View)
    {
        /// <summary>Holes that the user asked for.</summary>
        public IReadOnlyList<ReservedRegion> Holes { get; init; } = [];
    }

    /// <summary>The container is as wanted, but for what is named.</summary>
    /// <param name="Container">Number of the container.</param>
    /// <param name="Groups">The groups that are still in it.</param>
    /// <param name="IsClosed">True when nothing was wanted and it is closed.</param>
    /// <param name="Left">What could not be released, in words.</param>
    public sealed record Reconciled(int Container, IReadOnlyList<int> Groups, bool IsClosed, IReadOnlyList<string> Left) : IReply
    {
        /// <summary>What of the view could not be mapped, and what is not known of the container, in words. It keeps nothing from being released.</summary>
        public IReadOnlyList<string> Holes { get; init; } = [];

        /// <summary>What went wrong on the way and holds nothing, such as a close that answered an errno, in words.</summary>
        public IReadOnlyList<string> Notes { get; init; } = [];
    }

    /// <summary>Would the container take a group? Answered by <see cref="Judged"/>. Changes nothing.</summary>
    /// <param name="Group">The group, with its reserved regions.</param>
    /// <param name="View">The view that is mapped.</param>
    /// <param name="Policy">What the caller allows.</param>
    /// <param name="Aperture">What its IOMMU can translate; null when unknown.</param>
    public sealed record Judge(IommuGroup Group, FlatView View, AttachPolicy Policy, ValidIovaRanges? Aperture = null);

    /// <summary>The answer to <see cref="Judge"/>.</summary>
    /// <param name="Container">Number of the container.</param>
    /// <param name="Plan">To share it, or to refuse, with every conflict.</param>
    /// <param name="Snapshot">The container as it is.</param>
    public sealed record Judged(int Container, AttachPlan Plan, ContainerSnapshot Snapshot) : IReply;

    /// <summary>What is in the container? Answered by <see cref="State"/>.</summary>
    public sealed record GetState;

    /// <summary>The answer to <see cref="GetState"/>.</summary>
    /// <param name="Container">Number of the container.</param>
    /// <param name="Contents">What is in it.</param>
    public sealed record State(int Container, ContainerReport Contents) : IReply;
}
