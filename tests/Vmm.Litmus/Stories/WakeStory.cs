using Vmm.Iommu.HotPath;
using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class WakeStory : Story
{
    private readonly Space _space = new(capacity: 8);
    private readonly int[] _heard = new int[2];
    private int _round;

    public override int Threads => 3;

    public override void Prepare(Racer me)
    {
        _round++;
        _heard.AsSpan().Clear();
    }

    public override void Play(int thread, Racer me)
    {
        if (thread == 2)
        {
            // In every other round the posters are alone with the worker.
            if ((_round & 1) == 0)
            {
                var answer = _space.Ring.Run(_ => 7);
                Violation.Unless(answer is { Status: RingStatus.Done, Value: 7 }, () => $"a question is answered {answer.Status}, {answer.Value}");
            }

            return;
        }

        if (thread == 1 && (_round & 2) == 0)
        {
            return;
        }

        for (var post = 1; post <= 2; post++)
        {
            var number = post;
            Violation.Unless(
                _space.Ring.Post(_ => number, result => System.Threading.Volatile.Write(ref _heard[thread], result.Value == number ? number : -1)), "a ring with room is full");
            Until(() => Seen(ref _heard[thread]) == number || Seen(ref _heard[thread]) < 0);
            Violation.Unless(Seen(ref _heard[thread]) == number, "a posted request is answered with another one's answer");
            if (me.Next(2) == 0)
            {
                me.WaitLong();
            }
        }
    }

    public override void Judge() => _space.Judge();
}
