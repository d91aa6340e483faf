using System.Collections.Concurrent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class AttachStory : Story
{
    private const int ViewPage = Space.HotPages + 4;
    private const int WindowPage = 40;

    private readonly Space _space = new(capacity: 6);
    private readonly Vcpu[] _vcpus;
    private readonly ConcurrentDictionary<long, DmaWindows> _offered = new();
    private int _posted;
    private int _heard;

    public AttachStory() => _vcpus = [new Vcpu(_space, 0, 8), new Vcpu(_space, 8, 8)];

    public override int Threads => 4;

    public override void Play(int thread, Racer me)
    {
        if (thread == 0)
        {
            PostChanges(me);
            return;
        }

        for (var act = 0; act < 3; act++)
        {
            MapBySeenWindows(thread);
            if (thread < 3)
            {
                _vcpus[thread - 1].Act(me);
            }
        }
    }

    public override void Judge() => _space.Judge();

    /// <summary>Each is heard once, in the order in which they were posted.</summary>
    private void PostChanges(Racer me)
    {
        var member = new Member(2);
        var hole = ReservedRegion.AskedFor(PageKernel.At(Space.HotPages));
        Post(turn => turn.Admit(member, []).IsDone);
        Post(turn => turn.SetUserHoles([hole]).IsDone);
        Post(turn => turn.Map(PageKernel.At(ViewPage), _space.Ram, offset: 0, DmaAccess.ReadWrite).IsOk);
        if (me.Next(2) == 0)
        {
            me.WaitLong();
        }

        Post(turn => turn.SetUserHoles([]).IsDone);
        Post(turn => turn.Unmap(PageKernel.At(ViewPage)).IsOk);
        Post(turn => turn.Evict(member).IsDone);
        Until(() => Seen(ref _heard) == _posted);
    }

    private void Post(Func<ContainerTurn, bool> work)
    {
        var number = _posted++;
        var isAccepted = false;
        while (!isAccepted)
        {
            isAccepted = _space.Ring.Post(work, result =>
            {
                Violation.Unless(result is { IsDone: true, Value: true }, $"posted request {number} is answered {result.Status}, {result.Value}: {result.Fault}");
                Violation.Unless(_heard == number, $"posted request {number} is heard when {_heard} were heard before");
                System.Threading.Volatile.Write(ref _heard, number + 1);
            });
            if (!isAccepted)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>A map that names windows is refused once they have changed, and only then.</summary>
    private void MapBySeenWindows(int thread)
    {
        var windows = _space.Mapper.Windows;
        Violation.Unless(
            _offered.GetOrAdd(windows.Generation, windows) == windows, () => $"two sets of windows are called generation {windows.Generation}");
        var range = PageKernel.At(WindowPage + thread);
        var before = _space.Ring.Snapshot.Generation;
        var result = _space.Mapper.TryMap(range, _space.Ram, offset: 0, DmaAccess.ReadWrite, windows);
        if (result.Status == MapStatus.Stale)
        {
            Violation.Unless(!windows.IsCurrent(windows.Lanes), "windows that hold are answered Stale");
            return;
        }

        Violation.Unless(result.IsOk, () => $"a map in the windows is answered {result}");
        Violation.Unless(before == windows[0], "windows that had changed before the map are not answered Stale");
        result = _space.Mapper.TryUnmap(range);
        Violation.Unless(result.IsOk && _space.Kernel.Reach(WindowPage + thread) == 0, () => $"the unmap is answered {result}, a device reaches 0x{_space.Kernel.Reach(WindowPage + thread):x}");
    }
}
