using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;
using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class RoomStory : Story
{
    private readonly Space _space = new(capacity: 2, slowOneIn: 2);
    private readonly DmaBatch[] _batches;

    public RoomStory() => _batches = [.. Enumerable.Range(0, Threads).Select(_ => _space.NewBatch(8))];

    public override int Threads => 6;

    public override IReadOnlyList<string> Narrow => ["ContainerRing.PassTurnOn", "ContainerRing.SayThatThereIsRoom"];

    public override void Play(int thread, Racer me)
    {
        switch (me.Next(5))
        {
            case 0:
                MapAndUnmap(thread);
                break;
            case 1:
                PostInBatch(thread);
                break;
            case 2:
                PostAndHear();
                break;
            case 3:
                var answer = _space.Ring.Run(_ => thread);
                Violation.Unless(answer.IsDone && answer.Value == thread, () => $"a question is answered {answer.Status}, {answer.Value}");
                break;
            default:
                // The fewer they are, the sooner nobody comes after the one who sleeps.
                break;
        }
    }

    public override void Judge() => _space.Judge();

    private void MapAndUnmap(int thread)
    {
        var map = _space.Map(thread, offset: 0);
        var unmap = _space.Unmap(thread);
        Violation.Unless(map.IsOk && unmap.IsOk, () => $"map and unmap are answered {map}, {unmap}");
    }

    private void PostInBatch(int thread)
    {
        var batch = _batches[thread];
        batch.PostMap(PageKernel.At(thread), _space.Ram, (ulong)thread * PageKernel.PageSize, DmaAccess.ReadWrite);
        batch.PostUnmap(PageKernel.At(thread));
        batch.PostUnmap(PageKernel.At(thread + 16));
        batch.Flush();
        Violation.Unless(
            batch[0].IsOk && batch[1].IsOk && batch[2].Status == MapStatus.NotMapped,
            () => $"map, unmap and an unmap of nothing are answered {batch[0]}, {batch[1]}, {batch[2]}");
    }

    private void PostAndHear()
    {
        var heard = 0;
        while (!_space.Ring.Post(_ => 0, _ => System.Threading.Interlocked.Increment(ref heard)))
        {
            Thread.Yield();
        }

        Until(() => Seen(ref heard) != 0);
        Violation.Unless(Seen(ref heard) == 1, "a posted request is answered twice");
    }
}
