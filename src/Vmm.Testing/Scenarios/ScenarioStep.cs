using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Scenarios;

/// <summary>One thing that happens, and what is expected of it.</summary>
public abstract record ScenarioStep
{
    private ScenarioStep()
    {
    }

    /// <summary>What a person is told; empty for words made from the step.</summary>
    public string Name { get; init; } = "";

    /// <summary>The address space it is about; null for the first.</summary>
    public string? Space { get; init; }

    /// <summary>What is expected.</summary>
    public StepExpectation Expect { get; init; } = new();

    /// <summary>Where it is written, <c>file:line</c>; empty for a step made in C#.</summary>
    public string Place { get; init; } = "";

    /// <summary>Attach a device.</summary>
    /// <param name="Device">Its name in sysfs.</param>
    public sealed record Attach(string Device) : ScenarioStep
    {
        /// <summary>What the attach may do.</summary>
        public AttachPolicy Policy { get; init; } = AttachPolicy.Default;

        /// <summary>What it has to come to; otherwise the caller takes it back in the same operation. Null to keep it.</summary>
        public KeepScript? KeepIf { get; init; }
    }

    /// <summary>Ask what an attach would do; changes nothing.</summary>
    /// <param name="Device">Its name in sysfs.</param>
    public sealed record Plan(string Device) : ScenarioStep
    {
        /// <summary>What the attach may do.</summary>
        public AttachPolicy Policy { get; init; } = AttachPolicy.Default;
    }

    /// <summary>Other rules for a space, whoever attaches to it.</summary>
    /// <param name="Change">Makes the new rules of those in force.</param>
    /// <param name="Asked">The change in words.</param>
    public sealed record Rules(Func<SpaceRules, SpaceRules> Change, string Asked) : ScenarioStep;

    /// <summary>Detach a device.</summary>
    /// <param name="Device">Its name in sysfs.</param>
    public sealed record Detach(string Device) : ScenarioStep;

    /// <summary>Prepare a changed view. What is prepared stays the view's future until committed or prepared anew.</summary>
    /// <param name="Edits">The changes.</param>
    public sealed record Prepare(IReadOnlyList<ViewEdit> Edits) : ScenarioStep;

    /// <summary>Commit a changed view.</summary>
    /// <param name="Edits">The changes; null commits what was prepared last.</param>
    public sealed record Commit(IReadOnlyList<ViewEdit>? Edits) : ScenarioStep;

    /// <summary>The host changes, and is scanned again.</summary>
    /// <param name="Changes">The changes, in order.</param>
    public sealed record Host(IReadOnlyList<HostChange> Changes) : ScenarioStep;

    /// <summary>From now on, one call of the kernel fails.</summary>
    /// <param name="Call">The call by the kernel's name, such as <c>VFIO_IOMMU_MAP_DMA</c>; null for any.</param>
    /// <param name="Nth">Which one from now on; 1 is the next.</param>
    /// <param name="Errno">What it answers.</param>
    /// <param name="AfterEffect">True when the call does its work and fails then.</param>
    public sealed record Fail(string? Call, int Nth, Errno Errno, bool AfterEffect) : ScenarioStep;

    /// <summary>A device writes to memory.</summary>
    /// <param name="Device">The device, attached.</param>
    /// <param name="Iova">Where.</param>
    /// <param name="Bytes">What.</param>
    public sealed record DmaWrite(string Device, ulong Iova, ReadOnlyMemory<byte> Bytes) : ScenarioStep;

    /// <summary>A device reads memory.</summary>
    /// <param name="Device">The device, attached.</param>
    /// <param name="Iova">Where.</param>
    /// <param name="Count">Bytes.</param>
    public sealed record DmaRead(string Device, ulong Iova, int Count) : ScenarioStep;

    /// <summary>The guest's processor writes to its memory.</summary>
    /// <param name="Address">Guest address, in the space's view.</param>
    /// <param name="Bytes">What.</param>
    public sealed record GuestWrite(ulong Address, ReadOnlyMemory<byte> Bytes) : ScenarioStep;

    /// <summary>The guest's processor reads its memory.</summary>
    /// <param name="Address">Guest address, in the space's view.</param>
    /// <param name="Count">Bytes.</param>
    public sealed record GuestRead(ulong Address, int Count) : ScenarioStep;

    /// <summary>Steps that start together, in order of the list; the seed decides what comes first after that.</summary>
    /// <param name="Steps">The steps, each with its own expectations; none of them concurrent itself.</param>
    public sealed record Concurrently(IReadOnlyList<ScenarioStep> Steps) : ScenarioStep;

    /// <summary>An attach that is taken back while it is under way.</summary>
    /// <param name="Device">Its name in sysfs.</param>
    /// <param name="After">Turns of the seeded order before it is taken back.</param>
    public sealed record Abandon(string Device, int After) : ScenarioStep;

    /// <summary>An actor ends.</summary>
    /// <param name="Actor">Its path, such as <c>/user/vmm/host</c>.</param>
    /// <param name="How">How it ends.</param>
    /// <param name="Nth">For a fault: at which of its sends from now on; 1 is the next.</param>
    public sealed record EndActor(string Actor, ActorEnd How, int Nth = 1) : ScenarioStep;

    /// <summary>From now on the VMM answers so when asked to stop discarding RAM.</summary>
    /// <param name="Errno">The answer; none for yes.</param>
    public sealed record Discard(Errno Errno) : ScenarioStep;

    /// <summary>The guest maps by its vIOMMU, each mapping in a turn of its own.</summary>
    /// <param name="Iova">First IOVA; any number, as guests give them.</param>
    /// <param name="Length">Bytes of a mapping.</param>
    /// <param name="Target">Guest-physical address of the first byte, in the view of the first space.</param>
    public sealed record GuestMap(ulong Iova, ulong Length, ulong Target) : ScenarioStep
    {
        /// <summary>What devices may do.</summary>
        public DmaAccess Access { get; init; } = DmaAccess.ReadWrite;

        /// <summary>How many mappings, one behind the other in IOVAs and in memory; the first that is refused ends it.</summary>
        public int Count { get; init; } = 1;
    }

    /// <summary>The guest unmaps by its vIOMMU, in a turn.</summary>
    /// <param name="Range">IOVAs; what it would cut stays.</param>
    public sealed record GuestUnmap(IovaRange Range) : ScenarioStep;

    /// <summary>From now on the vIOMMU answers so when it is asked what it has mapped.</summary>
    /// <param name="Refuses">Why it does not tell; null when it does.</param>
    public sealed record GuestIommu(string? Refuses) : ScenarioStep;

    /// <summary>Time passes.</summary>
    /// <param name="By">How much.</param>
    public sealed record Advance(TimeSpan By) : ScenarioStep;
}
