using Vmm.Iommu.HotPath;
using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class StopStory : Story
{
    private Space _space = new(capacity: 4);
    private int _begun;

    public override int Threads => 3;

    public override IReadOnlyList<string> Narrow => ["IoctlWorker.ExecuteUntilStopped", "ContainerRing.PassTurnOn"];

    public override void Prepare(Racer me)
    {
        _space = new Space(capacity: 4, slowOneIn: 2);
        _begun = 0;
    }

    public override void Play(int thread, Racer me)
    {
        System.Threading.Interlocked.Increment(ref _begun);
        Until(() => Seen(ref _begun) == Threads);
        if (thread == 0)
        {
            if (me.Next(2) == 0)
            {
                me.WaitLong();
            }

            var ended = _space.Ring.DisposeAsync().AsTask();
            me.WaitLong();
            me.Release();
            Until(() => ended.IsCompleted);
            Violation.Unless(ended.IsCompletedSuccessfully, () => $"the worker ended by {ended.Exception}");
            return;
        }

        for (var question = 0; question < 3; question++)
        {
            var answer = _space.Ring.Run(Ask);
            Violation.Unless(answer is { Status: RingStatus.Done, Value: 7 }, () => $"a question is answered {answer.Status}, {answer.Value}");
            var result = _space.Map((thread * 8) + question, offset: 0);
            Violation.Unless(result.IsOk, () => $"a map is answered {result}");
        }
    }

    public override void Judge() => _space.Judge();

    private static int Ask(ContainerTurn turn)
    {
        Racer.Mine.WaitLong();
        return 7;
    }
}
