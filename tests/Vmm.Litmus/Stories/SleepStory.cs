using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;
using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class SleepStory : Story
{
    private readonly Space _space = new(capacity: 8, slowOneIn: 1);
    private readonly DmaBatch _batch;
    private int _serial;

    public SleepStory() => _batch = _space.NewBatch(8);

    public override int Threads => 3;

    public override void Play(int thread, Racer me)
    {
        switch (thread)
        {
            case 0:
                var answer = _space.Ring.Run(Take);
                Violation.Unless(answer is { Status: RingStatus.Done, Value: > 0 }, () => $"a question is answered {answer.Status}, {answer.Value}");
                break;
            case 1:
                var nothing = _space.Unmap(0);
                Violation.Unless(nothing.Status == MapStatus.NotMapped, () => $"an unmap of nothing is answered {nothing}");
                break;
            default:
                _batch.PostUnmap(PageKernel.At(2));
                _batch.PostMap(PageKernel.At(1), _space.Ram, offset: 0, DmaAccess.ReadWrite);
                _batch.PostUnmap(PageKernel.At(1));
                _batch.Flush();
                Violation.Unless(
                    (_batch[0].Status, _batch[1].Status, _batch[2].Status) == (MapStatus.NotMapped, MapStatus.Ok, MapStatus.Ok),
                    () => $"an unmap of nothing, a map and its unmap are answered {_batch[0]}, {_batch[1]}, {_batch[2]}");
                Violation.Unless(_space.Kernel.Reach(1) == 0, "the unmap is answered, and a device still reaches the page");
                break;
        }
    }

    public override void Judge() => _space.Judge();

    private int Take(ContainerTurn turn)
    {
        Racer.Mine.WaitLong();
        return ++_serial;
    }
}
