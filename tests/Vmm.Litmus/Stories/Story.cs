using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

/// <summary>What some threads do at once, round after round, and what must be true then.</summary>
internal abstract class Story
{
    /// <summary>How many threads play it.</summary>
    public abstract int Threads { get; }

    /// <summary>Sites, by the beginning of their names, at which a long wait makes more of this story than at others.</summary>
    public virtual IReadOnlyList<string> Narrow => [];

    /// <summary>Before a round, with nobody else at work.</summary>
    public virtual void Prepare(Racer me)
    {
    }

    /// <summary>One thread's part of a round.</summary>
    public abstract void Play(int thread, Racer me);

    /// <summary>After a round, with nobody else at work.</summary>
    public virtual void Judge()
    {
    }

    /// <summary>Stays until something holds.</summary>
    protected static void Until(Func<bool> holds)
    {
        for (var times = 0; !holds(); times++)
        {
            if (times % 16 == 15)
            {
                Thread.Yield();
            }
            else
            {
                Thread.SpinWait(30);
            }
        }
    }

    /// <summary>Stops a space's worker, which ends as it should.</summary>
    protected static void Stop(Space space)
    {
        var ended = space.Stop();
        Until(() => ended.IsCompleted);
        Violation.Unless(ended.IsCompletedSuccessfully, () => $"the worker ended by {ended.Exception}");
    }

    /// <summary>A number from another thread.</summary>
    protected static int Seen(ref int place) => System.Threading.Volatile.Read(ref place);
}
