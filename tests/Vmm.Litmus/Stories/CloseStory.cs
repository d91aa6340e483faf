using Vmm.Iommu.HotPath;
using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class CloseStory : Story
{
    private Space _space = new(capacity: 4);
    private Vcpu[] _vcpus = [];
    private int _heard;
    private int _posted;

    public override int Threads => 4;

    public override void Prepare(Racer me)
    {
        _space = new Space(capacity: 4);
        _vcpus = [.. Enumerable.Range(0, Threads - 1).Select(vcpu => new Vcpu(_space, vcpu * 8, 8))];
        (_heard, _posted) = (0, 0);
    }

    public override void Play(int thread, Racer me)
    {
        if (thread == Threads - 1)
        {
            Close(me);
            return;
        }

        var vcpu = _vcpus[thread];
        while (!vcpu.IsClosed)
        {
            vcpu.Act(me);
        }

        vcpu.Map(at: 0);
        vcpu.Unmap(at: 0);
        Violation.Unless(_space.Ring.Run(_ => true).Status == RingStatus.Closed, "a question after an answer Closed is executed");
    }

    public override void Judge()
    {
        Violation.Unless(_heard == _posted, () => $"{_posted} requests were posted, {_heard} answered");
        _space.JudgeClosed();
        Stop(_space);
    }

    private void Close(Racer me)
    {
        me.WaitLong();
        me.WaitLong();
        Post();
        CloseOutcome? outcome = null;
        while (!_space.Ring.PostClose(result => System.Threading.Volatile.Write(ref outcome, result.Value)))
        {
            Thread.Yield();
        }

        Post();
        Until(() => System.Threading.Volatile.Read(ref outcome) is not null && Seen(ref _heard) == _posted);
        Violation.Unless(outcome is { IsClosed: true, MappingsLeft: 0 }, () => $"the close is answered {outcome}");
    }

    private void Post()
    {
        if (_space.Ring.Post(_ => true, _ => System.Threading.Volatile.Write(ref _heard, _heard + 1)))
        {
            _posted++;
        }
    }
}
