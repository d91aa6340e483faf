using Akka.Event;
using Vmm.Actors.Containers;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Actors.AddressSpaces;

/// <summary>Makes a view the space's view in every container, one after the other, and adds up what they report.</summary>
/// <param name="space">The space.</param>
/// <param name="view">The view.</param>
/// <param name="done">Called once, with the sum.</param>
internal sealed class ViewSweep(ISpace space, FlatView view, Action<ViewReport> done)
{
    private readonly Queue<int> _waiting = new(space.Ledger.Containers.Select(container => container.Id));
    private readonly List<ViewReport> _reports = [];

    /// <summary>From here on the view is the space's: a replaced actor goes on with it.</summary>
    public void Begin()
    {
        space.Ledger.View = view;
        space.Ledger.Prepared = null;
        space.Ledger.Generation++;
        Next();
    }

    /// <summary>A container is done.</summary>
    public void Handle(object message)
    {
        if (message is ContainerProtocol.ViewApplied applied && _waiting.TryPeek(out var asked) && asked == applied.Container)
        {
            _reports.Add(applied.Report);
            _waiting.Dequeue();
            Next();
        }
    }

    /// <summary>A container's actor was replaced: applying a view twice is applying it once.</summary>
    public void ContainerLost(int container)
    {
        if (_waiting.TryPeek(out var asked) && asked == container)
        {
            Next();
        }
    }

    private void Next()
    {
        if (_waiting.TryPeek(out var container))
        {
            space.ToContainer(container, new ContainerProtocol.ApplyView(view));
            return;
        }

        var report = new ViewReport(
            space.Ledger.Generation,
            _reports.Sum(part => part.Mapped),
            _reports.Sum(part => part.Unmapped),
            _reports.Aggregate(UInt128.Zero, (sum, part) => sum + part.Churn),
            [.. _reports.SelectMany(part => part.Skipped).Distinct()],
            [.. _reports.SelectMany(part => part.Holes)]);
        space.ReportSkips(report.Skipped);
        foreach (var hole in report.Holes)
        {
            space.Log.Error("Space {0}: {1}", space.Ledger.Name, hole);
        }

        done(report);
    }
}
