using Akka.Event;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Commits a view, after its RAM has been populated where mapping pins; then the vIOMMU is asked for what it has mapped in the
/// sections that are new. Cannot be refused or taken back: what goes wrong is in the report.
/// </summary>
internal sealed class CommitOperation : IOperation
{
    private readonly ISpace _space;
    private readonly FlatView _before;
    private readonly FlatView _view;
    private readonly IReadOnlyList<SkippedSection> _untranslated;
    private readonly RamStep _ram;
    private readonly ReplayStep _replay;
    private ViewSweep _sweep;

    public CommitOperation(ISpace space, AddressSpaceProtocol.CommitView command)
    {
        Id = command.Id;
        _space = space;
        _before = space.Ledger.View;
        (_view, _untranslated) = Translated(space.Ledger, command.View);
        _ram = new RamStep(space, Id);
        _replay = new ReplayStep(space, Id);
        _sweep = new ViewSweep(space, _view, Applied);
    }

    /// <inheritdoc/>
    public Guid Id { get; }

    /// <summary>Why a section for a vIOMMU is of no use in a space that has none.</summary>
    public static string NoGuestIommu(string space) =>
        $"is translated by a vIOMMU, and space {space} was made without one: give it with CreateAddressSpaceAsync.";

    /// <inheritdoc/>
    public void Begin()
    {
        _sweep.Enter();
        _space.Ledger.Untranslated = _untranslated;
        if (!_space.Ledger.PinsRam || !_ram.TryBegin(_space.Ledger.View, RamPopulation.SliceLength))
        {
            _sweep.Apply();
        }
    }

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (_ram.IsUnderWay)
        {
            Populated(message);
        }
        else if (!_replay.IsUnderWay)
        {
            _sweep.Handle(message);
        }
        else if (message is ReplayAnswer answer && answer.Id == Id)
        {
            _replay.Answered(answer.Outcome);
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason)
    {
        if (!_ram.IsUnderWay && !_replay.IsUnderWay)
        {
            _sweep.ContainerLost(container);
        }
    }

    /// <summary>The guest has the new view already, and there is nothing to go back to: what is left to populate is pinned page by page.</summary>
    public void Abandon() => _ram.Cancel();

    /// <summary>A view without what no vIOMMU translates.</summary>
    private static (FlatView View, IReadOnlyList<SkippedSection> Left) Translated(AddressSpaceLedger ledger, FlatView view)
    {
        var left = ledger.GuestIommu is null ? ReplayStep.HotOf(view).ToList() : [];
        return left.Count == 0
            ? (view, [])
            : (view.Edit(left.Select(hot => hot.Section), []), [.. left.Select(hot => new SkippedSection(hot.Window, hot.Section.Name, NoGuestIommu(ledger.Name)))]);
    }

    private void Populated(object message)
    {
        if (message is not RamPopulated populated || populated.Id != Id)
        {
            return;
        }

        if (_ram.Ended(populated.Outcome) is { } refusal)
        {
            _space.Log.Warning("Space {0}: {1} It is mapped all the same, and what cannot be pinned is reported.", _space.Ledger.Name, refusal.Words);
        }

        _sweep.Apply();
    }

    private void Applied(ViewReport report)
    {
        var lanes = _space.Ledger.ContainersInUse;
        var added = lanes.Count == 0 || _space.Ledger.GuestIommu is null ? [] : FlatViewDiff.Between(_before, _view).Added.Where(section => section.Kind == SectionKind.Iommu);
        _replay.Begin(lanes, added, () => Replayed(report));
    }

    /// <summary>A section that the vIOMMU refuses leaves the view again, so that the next view that has it asks again.</summary>
    private void Replayed(ViewReport report)
    {
        report = report with
        {
            Skipped = [.. report.Skipped, .. _untranslated],
            Holes = [.. report.Holes, .. _replay.Failed.Select(failed => $"{failed.Name} at {failed.Range}: {failed.Reason}.")],
        };
        _space.ReportSkips(_untranslated);
        if (_replay.Refused.Count == 0)
        {
            Finish(report);
            return;
        }

        var refused = _replay.Refused.Select(left => $"{left.Section.Name} at {left.Section.Range} is not translated by the vIOMMU: {left.Words}");
        _sweep = new ViewSweep(_space, _view.Edit(_replay.Refused.Select(left => left.Section), []), undone =>
        {
            _replay.Begin([.. _space.Ledger.Containers.Where(container => container.Lane == Containers.LaneState.Filling)], [], () => Finish(undone with
            {
                Mapped = report.Mapped + undone.Mapped,
                Unmapped = report.Unmapped + undone.Unmapped,
                Churn = report.Churn + undone.Churn,
                Skipped = [.. undone.Skipped, .. _untranslated],
                Holes = [.. report.Holes, .. undone.Holes, .. refused],
            }));
        });
        _sweep.Begin();
    }

    private void Finish(ViewReport report) => _space.Finish(new AddressSpaceProtocol.ViewCommitted(Id, report));
}
