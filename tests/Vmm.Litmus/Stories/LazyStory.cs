using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class LazyStory : Story
{
    private readonly Space _space = new(capacity: 8);
    private readonly DmaBatch _lazy;
    private int _round;
    private int _answered;

    public LazyStory() => _lazy = _space.NewBatch(8);

    public override int Threads => 5;

    // Claimed and not published yet: who comes behind it gives up looking, and sleeps.
    public override IReadOnlyList<string> Narrow => ["RingSlot.Publish"];

    public override void Prepare(Racer me) => (_round, _answered) = (_round + 1, 0);

    public override void Play(int thread, Racer me)
    {
        if (thread == 0)
        {
            PostLazily(me);
            return;
        }

        // In some rounds one alone waits: nobody else comes who would get the ring going.
        var kind = _round % 7;
        if (kind == 0 || kind == thread || kind == (thread <= 2 ? 5 : 6))
        {
            if (thread <= 2)
            {
                PostAndHear();
            }
            else
            {
                MapAndUnmap(thread);
            }
        }

        System.Threading.Interlocked.Increment(ref _answered);
    }

    public override void Judge() => _space.Judge();

    private void PostLazily(Racer me)
    {
        var posts = 1 + me.Next(3);
        for (var post = 0; post < posts; post++)
        {
            _lazy.PostMap(PageKernel.At(32 + post), _space.Ram, offset: 0, DmaAccess.ReadWrite);
        }

        Until(() => Seen(ref _answered) == Threads - 1);
        for (var post = 0; post < posts; post++)
        {
            _lazy.PostUnmap(PageKernel.At(32 + post));
        }

        _lazy.Flush();
        for (var ticket = 0; ticket < posts * 2; ticket++)
        {
            Violation.Unless(_lazy[ticket].IsOk, () => $"ticket {ticket} of {posts * 2} is answered {_lazy[ticket]}");
        }
    }

    private void PostAndHear()
    {
        var heard = 0;
        while (!_space.Ring.Post(_ => 0, _ => System.Threading.Volatile.Write(ref heard, 1)))
        {
            Thread.Yield();
        }

        Until(() => Seen(ref heard) != 0);
    }

    private void MapAndUnmap(int thread)
    {
        var map = _space.Map(thread, offset: 0);
        var unmap = _space.Unmap(thread);
        Violation.Unless(map.IsOk && unmap.IsOk, () => $"map and unmap are answered {map}, {unmap}");
    }
}
