using Akka.Event;
using Vmm.Actors.Containers;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Makes containers lanes of the space's mapper. Where a vIOMMU translates a part of the view they come as filling first; then
/// it is asked, section by section, to make once more what its guest has mapped; then they are lanes like others.
/// </summary>
/// <param name="space">The space.</param>
/// <param name="operation">Id of the operation that waits for it.</param>
internal sealed class ReplayStep(ISpace space, Guid operation)
{
    private static readonly SectionFilter Filter = new((ulong)Environment.SystemPageSize, PageSizes.FourKiB);

    private readonly Queue<(MemorySection Section, IovaRange Window)> _rest = [];
    private readonly List<(MemorySection Section, string Words)> _refused = [];
    private readonly List<SkippedSection> _failed = [];
    private IReadOnlyList<ContainerLedger> _containers = [];
    private Action? _done;
    private bool _isCancelled;

    /// <summary>True while the vIOMMU is asked; <see cref="ReplayAnswer"/> ends it.</summary>
    public bool IsUnderWay => _done is not null;

    /// <summary>Sections that the vIOMMU refused, each with its words.</summary>
    public IReadOnlyList<(MemorySection Section, string Words)> Refused => _refused;

    /// <summary>Sections of which a part of the mappings could not be made, each with what is lacking.</summary>
    public IReadOnlyList<SkippedSection> Failed => _failed;

    /// <summary>The sections of a view that a vIOMMU translates, with where it maps.</summary>
    public static IEnumerable<(MemorySection Section, IovaRange Window)> HotOf(IEnumerable<MemorySection> sections)
    {
        foreach (var section in sections)
        {
            if (Filter.TryFilterHot(section, out var window))
            {
                yield return (section, window);
            }
        }
    }

    /// <summary>Begins; what it came to is there when <paramref name="done"/> is called, which may be at once.</summary>
    /// <param name="containers">The containers; each shows the sections.</param>
    /// <param name="sections">Sections of the view that are to be replayed; others are passed over.</param>
    /// <param name="done">Called once.</param>
    public void Begin(IReadOnlyList<ContainerLedger> containers, IEnumerable<MemorySection> sections, Action done)
    {
        (_containers, _done) = (containers, done);
        foreach (var hot in HotOf(sections))
        {
            _rest.Enqueue(hot);
        }

        Enter(_rest.Count == 0 ? LaneState.In : LaneState.Filling);
        if (_rest.Count > 0 && space.Ledger.SystemMemory.IsEmpty)
        {
            space.Log.Warning("Space {0}: a vIOMMU translates it, and no system memory is published in which targets of its maps could be found.", space.Ledger.Name);
        }

        Next();
    }

    /// <summary>The vIOMMU has answered about the first section.</summary>
    public void Answered(ReplayOutcome outcome)
    {
        var (section, window) = _rest.Dequeue();
        if (outcome.Refusal is { } words)
        {
            _refused.Add((section, words));
            space.Log.Warning("Space {0}: the vIOMMU does not translate {1} at {2}: {3}", space.Ledger.Name, section.Name, window, words);
        }
        else if (outcome.Failed > 0)
        {
            _failed.Add(new SkippedSection(window, section.Name, outcome.ToString()));
            space.Log.Error("Space {0}: {1} at {2}: {3}.", space.Ledger.Name, section.Name, window, outcome);
        }

        Next();
    }

    /// <summary>Nothing more comes into the containers, and no further section is replayed; the end is told as ever.</summary>
    public void Cancel()
    {
        if (IsUnderWay)
        {
            _isCancelled = true;
            Enter(LaneState.Out);
        }
    }

    private void Enter(LaneState state)
    {
        foreach (var container in _containers)
        {
            container.Lane = state;
        }

        space.Ledger.PublishLanes();
    }

    private void Next()
    {
        if (_isCancelled)
        {
            _rest.Clear();
        }

        if (_rest.TryPeek(out var next))
        {
            var asked = ReplayAnswer.AskAsync(space.Ledger.Replay, () => space.Ledger.GuestIommu!.ReplayAsync(next.Window, space.Ledger.Mapper));
            space.Ledger.Replay = asked;
            ReplayAnswer.PipeTo(asked, operation, space.Self);
            return;
        }

        if (!_isCancelled && _refused.Count == 0)
        {
            Enter(LaneState.In);
        }

        var done = _done!;
        _done = null;
        done();
    }
}
