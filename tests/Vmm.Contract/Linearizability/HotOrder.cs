namespace Vmm.Contract.Linearizability;

/// <summary>Looks for an order of a history's requests that explains every answer. Pure.</summary>
public static class HotOrder
{
    /// <summary>
    /// True when the requests can be put in one order, in which each thread's keep theirs and none comes before one that was
    /// answered before it was asked, so that the model answers each as it was answered.
    /// </summary>
    /// <param name="before">The state before all.</param>
    /// <param name="threads">The requests of each thread, in its order; fewer than 256 each, at most eight threads.</param>
    /// <param name="owners">What is mapped behind all.</param>
    /// <param name="after">A state that explains them.</param>
    public static bool TryExplain(HotState before, IReadOnlyList<IReadOnlyList<HotEvent>> threads, int owners, out HotState after)
    {
        var seen = new HashSet<(ulong Progress, HotState State)>();
        var open = new Stack<(ulong Progress, HotState State)>();
        open.Push((0, before));
        while (open.TryPop(out var at))
        {
            if (!seen.Add(at))
            {
                continue;
            }

            var isEnd = true;
            for (var thread = 0; thread < threads.Count; thread++)
            {
                var next = Next(at.Progress, thread);
                if (next == threads[thread].Count)
                {
                    continue;
                }

                isEnd = false;
                var asked = threads[thread][next];
                if (MustWait(at.Progress, threads, thread, asked))
                {
                    continue;
                }

                var (state, answer) = at.State.After(asked.Operation);
                if (answer == asked.Answer)
                {
                    open.Push((at.Progress + (1UL << (thread * 8)), state));
                }
            }

            if (isEnd && at.State.Owners == owners)
            {
                after = at.State;
                return true;
            }
        }

        after = before;
        return false;
    }

    private static int Next(ulong progress, int thread) => (int)(progress >> (thread * 8)) & 255;

    /// <summary>True when another thread's next request was answered before this one was asked.</summary>
    private static bool MustWait(ulong progress, IReadOnlyList<IReadOnlyList<HotEvent>> threads, int mine, HotEvent asked)
    {
        for (var thread = 0; thread < threads.Count; thread++)
        {
            var next = Next(progress, thread);
            if (thread != mine && next < threads[thread].Count && threads[thread][next].Answered < asked.Invoked)
            {
                return true;
            }
        }

        return false;
    }
}
