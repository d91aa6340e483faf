using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <content>Callers that wait for their answer, and hot requests, which never meet a mailbox or a lock unless they have to sleep.</content>
public sealed partial class ContainerRing
{
    // As many unmaps become one call to the kernel at most: a turn stays short.
    private const int LongestRun = 512;

    // What came while a caller had the turn for its own request: to execute it costs less than to hand the turn over.
    private const int MostForOthers = 8;

    // A caller that finds the turn taken looks again so often, each time after four times as long, some 20 us in all.
    private const int MostLooks = 3;
    private const int FirstSpins = 16;

    /// <summary>Places that hot requests leave to views and attaches: a flood of a guest does not keep them out.</summary>
    private int HotCapacity => Capacity - (Capacity / 8);

    /// <summary>Executes a hot request at its place in the order, and returns its answer. Allocates nothing.</summary>
    internal MapResult Run(in HotRequest request)
    {
        if (TryAdoptSoon())
        {
            var result = Execute(request);
            GiveTurnBack(1 + HelpWithTurn(MostForOthers));
            return result;
        }

        if (IsClosed)
        {
            return MapResult.Of(MapStatus.Closed);
        }

        var slot = Claim(out var position);
        slot.Publish(request, position);
        WaitFor(slot, position);
        var answer = slot.Result;
        Leave(slot, position);
        return answer;
    }

    /// <summary>
    /// Takes the turn once nobody has it, unless something waits. A place that is claimed at once hands the request to another processor
    /// and its answer back, and so does the next request of whoever has the turn now: to look away for a moment costs both less.
    /// </summary>
    private bool TryAdoptSoon()
    {
        for (var look = 0; look < MostLooks && Holder != Nobody && !HasWork; look++)
        {
            Thread.SpinWait(FirstSpins << (2 * look));
        }

        return TryAdopt();
    }

    /// <summary>
    /// Puts a hot request at the end of the order; its batch hears the answer. Nobody is woken for it, so that neighbours gather
    /// and become one call: it is executed when its batch is flushed, or when somebody behind it waits.
    /// </summary>
    internal void Post(in HotRequest request)
    {
        if (IsClosed)
        {
            request.Answers!.Hear(request.Ticket, MapResult.Of(MapStatus.Closed));
            return;
        }

        var slot = Claim(out var position);
        slot.Publish(request, position);

        // ORDERING: published first, then looked whether somebody relies on its being executed; the pair of the increments in BeginWait,
        // WaitForRoom and Publish.
        Interlocked.MemoryBarrier();

        if (DoesAnybodyRely)
        {
            WakeUnlessHeld();
        }
    }

    // ORDERING: behind a full fence of whoever asks; the pair of the increment in Publish.
    private bool DoesAnybodyRely => DoesAnybodySleep || Volatile.Read(ref _leftToWorker) != 0;

    // ORDERING: both behind a full fence of whoever asks; the pair of the increments in BeginWait and WaitForRoom.
    private bool DoesAnybodySleep => Volatile.Read(ref _waitingForAnswer) != 0 || Volatile.Read(ref _waitingForRoom) != 0;

    /// <summary>Until a batch has heard every answer of this ring. The caller looks for a moment, executes what it may, and then sleeps.</summary>
    internal void Await(BatchAnswers answers)
    {
        for (var spin = default(SpinWait); !answers.AreAllHeard;)
        {
            if (!TryGetOn(ref spin))
            {
                BeginWait();
                if (!Help())
                {
                    answers.Park();
                }

                EndWait();
            }
        }
    }

    private RingSlot Claim(out long position)
    {
        RingSlot slot;
        while (!TryClaim(HotCapacity, out slot, out position))
        {
            if (!Help())
            {
                WaitForRoom();
            }
        }

        return slot;
    }

    /// <summary>Until a request is done, as in <see cref="Await"/>.</summary>
    private void WaitFor(RingSlot slot, long position)
    {
        for (var spin = default(SpinWait); !slot.IsDoneFor(position);)
        {
            if (!TryGetOn(ref spin))
            {
                BeginWait();
                if (!Help())
                {
                    slot.Park(position);
                }

                EndWait();
            }
        }
    }

    /// <summary>Executes something, or looks away for a moment; false when the time for that is over.</summary>
    private bool TryGetOn(ref SpinWait spin)
    {
        if (Help())
        {
            return true;
        }

        if (spin.NextSpinWillYield)
        {
            return false;
        }

        spin.SpinOnce();
        return true;
    }

    // ORDERING: a full fence: says that it sleeps, and then looks once more for something to do; the pair of the ones in Post and PassTurnOn.
    private void BeginWait() => Interlocked.Increment(ref _waitingForAnswer);

    // ORDERING: a wake for one who has left does no harm; the pair of the read in DoesAnybodySleep.
    private void EndWait() => Interlocked.Decrement(ref _waitingForAnswer);

    /// <summary>Gives a slot back whose answer was taken.</summary>
    private void Leave(RingSlot slot, long position)
    {
        slot.Free(position, _slots.Length);
        SayThatThereIsRoom();
    }

    /// <summary>Executes what waits, as far as a caller may: where a worker gets on beside it, it leaves to that what may take long.</summary>
    /// <returns>False when it executed nothing.</returns>
    private bool Help()
    {
        if (!MayHelp() || !TryTakeTurn())
        {
            return false;
        }

        var done = HelpWithTurn(LongestTurnOfCaller);
        GiveTurnBack(done);
        return done > 0;
    }

    private int HelpWithTurn(int most)
    {
        var done = 0;
        while (done < most && MayHelp() && TryExecuteHead(out var executed))
        {
            done += executed;
        }

        return done;
    }

    private bool MayHelp()
    {
        var slot = SlotAt(Head, out var head);
        return slot.IsPublishedFor(head) && (slot.Request is null || !_worker.IsBesideCallers);
    }

    /// <summary>With the turn: the hot request at the head, and those behind it that one call to the kernel does with it.</summary>
    private int ExecuteHot(RingSlot first, long position)
    {
        var run = RunFrom(first, position);
        if (run > 1)
        {
            ExecuteRun(first, position, run);
            return run;
        }

        Advance(position + 1);
        Answer(first, position, Execute(first.Hot));
        return run;
    }

    private void ExecuteRun(RingSlot first, long position, int run)
    {
        var isDoneTogether = ExecuteTogether(first.Hot, SlotAt(position + run - 1, out _).Hot);
        Advance(position + run);
        for (var at = 0; at < run; at++)
        {
            var slot = SlotAt(position + at, out var own);

            // Where together failed each has an answer of its own, which trying it alone finds.
            Answer(slot, own, isDoneTogether ? MapResult.Ok : Execute(slot.Hot));
        }
    }

    /// <summary>How many requests from the head on are neighbours that may be done together; at least one.</summary>
    private int RunFrom(RingSlot slot, long position)
    {
        var run = 1;
        for (var longest = Math.Min(LongestRun, _slots.Length); run < longest; run++)
        {
            var next = SlotAt(position + run, out var own);
            if (!next.IsPublishedFor(own) || next.Request is not null || !slot.Hot.IsFollowedBy(next.Hot))
            {
                break;
            }

            // Where nothing follows, nothing is looked up.
            if ((run == 1 && !_turn.MayBeDoneTogether(slot.Hot)) || !_turn.MayBeDoneTogether(next.Hot))
            {
                break;
            }

            slot = next;
        }

        return run;
    }

    private bool ExecuteTogether(in HotRequest first, in HotRequest last) =>
        Execute(first with { Range = new IovaRange(first.Range.Start, last.Range.Last), IsTogether = true }).IsOk;

    /// <summary>A fault of ours is kept for health to show, and the caller hears that what it asked for cannot be relied on.</summary>
    private MapResult Execute(in HotRequest request)
    {
        try
        {
            return _turn.Execute(request);
        }
        catch (Exception fault)
        {
            Note(fault);
            return MapResult.Of(MapStatus.Tainted);
        }
    }

    private void Answer(RingSlot slot, long position, MapResult result)
    {
        if (slot.Hot.Answers is not { } answers)
        {
            slot.Done(position, result);
            return;
        }

        var ticket = slot.Hot.Ticket;
        slot.Free(position, _slots.Length);
        SayThatThereIsRoom();
        answers.Hear(ticket, result);
    }

    /// <summary>Sleeps until there is room; returns also when there only was, or when there was something to do.</summary>
    private void WaitForRoom()
    {
        // ORDERING: says that it waits, then looks for room, with a full fence between; the pair of SayThatThereIsRoom and of Post.
        Interlocked.Increment(ref _waitingForRoom);
        if (!Help())
        {
            lock (_room)
            {
                if (!HasRoom)
                {
                    Monitor.Wait(_room);
                }
            }
        }

        // ORDERING: a pulse for one who has left does no harm; the pair of the read in SayThatThereIsRoom.
        Interlocked.Decrement(ref _waitingForRoom);
    }

    private bool HasRoom => SlotAt(Tail, out var tail).IsFreeFor(tail) && tail - Head < HotCapacity;
}
