using Akka.Event;
using Vmm.Actors.Containers;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Planning;

namespace Vmm.Actors.AddressSpaces;

/// <summary>Makes a view the space's view in every container, one after the other, and adds up what they report.</summary>
/// <param name="space">The space.</param>
/// <param name="view">The view.</param>
/// <param name="done">Called once, with the sum.</param>
internal sealed class ViewSweep(ISpace space, FlatView view, Action<ViewReport> done)
{
    private readonly Queue<(int Container, FlatView View)> _waiting = new(Visits(space, view));
    private readonly List<(int Container, ViewReport Report)> _reports = [];

    /// <summary>Enters the view and brings it to the first container.</summary>
    public void Begin()
    {
        Enter();
        Next();
    }

    /// <summary>From here on the view is the space's: a replaced actor goes on with it.</summary>
    public void Enter()
    {
        space.Ledger.View = view;
        space.Ledger.Prepared = null;
        space.Ledger.Generation++;
    }

    /// <summary>Brings the view that was entered to the first container.</summary>
    public void Apply() => Next();

    /// <summary>A container is done.</summary>
    public void Handle(object message)
    {
        if (message is ContainerProtocol.ViewApplied applied && _waiting.TryPeek(out var asked) && asked.Container == applied.Container)
        {
            _reports.Add((applied.Container, applied.Report));
            _waiting.Dequeue();
            Next();
        }
    }

    /// <summary>A container's actor was replaced: applying a view twice is applying it once.</summary>
    public void ContainerLost(int container)
    {
        if (_waiting.TryPeek(out var asked) && asked.Container == container)
        {
            Next();
        }
    }

    /// <summary>
    /// Which container is brought to which view, in order. QEMU: where a space has several, each removed section leaves all of
    /// them, newest first, before the next one does; then each added section comes to all of them, oldest first.
    /// </summary>
    private static IEnumerable<(int Container, FlatView View)> Visits(ISpace space, FlatView view)
    {
        var containers = space.Ledger.Containers.Select(container => container.Id).ToList();
        if (space.Settings.Mode == MappingPlanMode.Steady || containers.Count < 2)
        {
            return containers.Select(container => (container, view));
        }

        var diff = FlatViewDiff.Between(space.Ledger.View, view);
        var visits = new List<(int, FlatView)>();
        var step = space.Ledger.View;
        foreach (var section in diff.Removed)
        {
            step = step.Edit([section], []);
            visits.AddRange(containers.AsEnumerable().Reverse().Select(container => (container, step)));
        }

        foreach (var section in diff.Added)
        {
            step = step.Edit([], [section]);
            visits.AddRange(containers.Select(container => (container, step)));
        }

        // Where nothing changes they are visited all the same: each tells what it leaves out.
        return visits.Count > 0 ? visits : containers.Select(container => (container, view));
    }

    private void Next()
    {
        if (_waiting.TryPeek(out var next))
        {
            space.ToContainer(next.Container, new ContainerProtocol.ApplyView(next.View));
            return;
        }

        // What a container leaves out is in its last answer; a step on the way to the view knows less.
        var last = _reports.GroupBy(part => part.Container, part => part.Report).Select(parts => parts.Last());
        var report = new ViewReport(
            space.Ledger.Generation,
            _reports.Sum(part => part.Report.Mapped),
            _reports.Sum(part => part.Report.Unmapped),
            _reports.Aggregate(UInt128.Zero, (sum, part) => sum + part.Report.Churn),
            [.. last.SelectMany(part => part.Skipped).Distinct()],
            [.. _reports.SelectMany(part => part.Report.Holes)]);
        space.ReportSkips(report.Skipped);
        foreach (var hole in report.Holes)
        {
            space.Log.Error("Space {0}: {1}", space.Ledger.Name, hole);
        }

        done(report);
    }
}
