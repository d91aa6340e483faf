using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Twins;

/// <summary>All twins, and the accesses that have none.</summary>
internal static class TwinTable
{
    private const string Published = "the runtime publishes an object before the reference to it whatever the access is, and nothing else goes with this one";

    public static IReadOnlyList<Twin> All { get; } =
    [
        new("turn-taken-by-two", "pages", Breakage.Split, ["ContainerRing.TryTakeTurn"], "two threads change the container at once"),
        new("turn-given-back-before-its-work", "pages", Breakage.BeforeEffects, ["ContainerRing.PassTurnOn"], "the next who has the turn does not find what this one did")
        {
            Passes = ["RamBlock.", "ContainerRing.Account"],
        },
        new("turn-given-back-late", "wake", Breakage.Late, ["ContainerRing.PassTurnOn"], "who gives the turn back and who publishes both look too early: nobody is woken")
        {
            Loads = 2,
        },
        new("published-after-the-look", "wake", Breakage.Late, ["RingSlot.Publish"], "the same, from the other side")
        {
            Fence = "ContainerRing.WakeUnlessHeld",
            Partners = ["ContainerRing.Holder"],
        },
        new("place-claimed-by-two", "pages", Breakage.Split, ["ContainerRing.TryClaim"], "two requests in one slot: one is lost")
        {
            Partners = ["ContainerRing.Tail"],
        },
        new("published-before-it-is-whole", "pages", Breakage.Early, ["RingSlot.Publish"], "another hot request is executed than the one that was made")
        {
            Partners = ["RingSlot.IsPublishedFor"],
        },
        new("posted-before-it-is-whole", "wake", Breakage.Early, ["RingSlot.Publish"], "the same, of a posted request")
        {
            Partners = ["RingSlot.IsPublishedFor"],
        },
        new("freed-before-it-is-cleared", "pages", Breakage.Early, ["RingSlot.Free"], "the next request in the slot is cleared")
        {
            Partners = ["RingSlot.IsFreeFor"],
        },
        new("done-before-the-answer", "sleep", Breakage.Early, ["RingSlot.Done Interlocked.Exchange"], "a caller takes another answer than its own")
        {
            Partners = ["RingSlot.IsDoneFor"],
        },
        new("done-after-the-look", "sleep", Breakage.Late, ["RingSlot.Done Interlocked.Exchange"], "nobody sleeps yet, and who goes to sleep sees nothing done: it sleeps for ever")
        {
            Partners = ["RingSlot.Done Volatile.Read"],
        },
        new("asleep-after-the-look", "sleep", Breakage.Late, ["RingSlot.Park"], "the same, from the other side"),
        new("completes-before-the-ioctl", "pages", Breakage.BeforeEffects,
            ["RingSlot.Done Interlocked.Exchange", "BatchAnswers.Hear Interlocked.Decrement"],
            "an unmap is answered, and a device still reaches the page")
        {
            Passes = ["RamBlock.", "ContainerRing.Advance", "RingSlot.Free"],
        },
        new("heard-before-the-answer", "sleep", Breakage.Early, ["BatchAnswers.Hear Interlocked.Decrement"], "a batch shows answers that are not there yet")
        {
            Partners = ["BatchAnswers.AreAllHeard"],
        },
        new("heard-after-the-look", "sleep", Breakage.Late, ["BatchAnswers.Hear Interlocked.Decrement"], "a batch sleeps for ever")
        {
            Partners = ["BatchAnswers.Hear Volatile.Read"],
        },
        new("batch-asleep-after-the-look", "sleep", Breakage.Late, ["BatchAnswers.Park Interlocked.Exchange"], "the same, from the other side"),
        new("answers-expected-by-halves", "pages", Breakage.Split, ["BatchAnswers.Expect"], "an answer is counted twice or never"),
        new("room-after-the-look", "room", Breakage.Late, ["RingSlot.Free", "ContainerRing.Advance"], "there is room, and who waits for it is not told")
        {
            Fence = "ContainerRing.SayThatThereIsRoom Interlocked.MemoryBarrier",
            Partners = ["ContainerRing.SayThatThereIsRoom Volatile.Read"],
        },
        new("waits-for-room-after-the-look", "room", Breakage.Late, ["ContainerRing.WaitForRoom Interlocked.Increment"], "the same, from the other side")
        {
            Loads = 5,
        },
        new("room-waiters-counted-by-halves", "room", Breakage.Split, ["ContainerRing.WaitForRoom Interlocked.Decrement"], "one waits for room, and is not counted"),
        new("posted-after-the-look", "lazy", Breakage.Late, ["RingSlot.Publish"], "a lazy post in front of one who sleeps wakes nobody")
        {
            Fence = "ContainerRing.Post Interlocked.MemoryBarrier",
            Loads = 3,
            Partners = ["ContainerRing.DoesAnybodySleep", "ContainerRing.DoesAnybodyRely"],
        },
        new("waits-after-the-look", "lazy", Breakage.Late, ["ContainerRing.BeginWait"], "the same, from the other side")
        {
            Loads = 2,
        },
        new("posted-counted-by-halves", "lazy", Breakage.Split, ["ContainerRing.Publish Interlocked.Increment", "ContainerRing.ExecuteRequest Interlocked.Decrement"], "a posted request waits, and is not counted"),
        new("waiters-counted-by-halves", "room", Breakage.Split, ["ContainerRing.EndWait"], "one waits, and is not counted"),
        new("closed-before-it-is", "close", Breakage.BeforeEffects, ["ContainerRing.Account Volatile.Write(ref _isClosed"], "an answer Closed, and a device still reaches memory")
        {
            Passes = ["RamBlock.", "ContainerTurn.Publish", "ContainerRing.Account"],
            Partners = ["ContainerRing.IsClosed"],
        },
        new("worker-asleep-after-the-look", "wake", Breakage.Late, ["IoctlWorker.Park Interlocked.Exchange(ref _isParked, 1)"], "the worker sleeps, and nobody knows that it has to be woken")
        {
            Loads = 3,
        },
        new("wakes-before-it-says-so", "wake", Breakage.Late, ["IoctlWorker.Wake"], "the worker sleeps again, and is taken for awake"),
        new("alone-after-the-look", "stop", Breakage.Late, ["IoctlWorker.ExecuteUntilStopped"], "callers leave to the worker what it no longer executes")
        {
            Loads = 5,
            Partners = ["IoctlWorker.IsBesideCallers"],
        },
        new("stops-after-the-wake", "stop", Breakage.Late, ["IoctlWorker.DisposeAsync"], "the worker is woken to stop, sees nothing of it, and sleeps")
        {
            Partners = ["IoctlWorker.IsStopping"],
        },
        new("generation-counted-by-two", "attach", Breakage.Split, ["DmaMapper.Windows Interlocked.CompareExchange"], "two sets of windows have one generation"),
        new("leases-counted-by-halves", "lease", Breakage.Split, ["RamBlock.Changed"], "memory goes back under a lease, or never"),
        new("lease-ends-before-the-writes", "lease", Breakage.BeforeEffects, ["RamBlock.Changed"], "memory goes back before a device's last write to it")
        {
            Partners = ["RamBlock.State"],
        },
    ];

    /// <summary>Twins with nothing broken: what they pass shows that it is the broken access that the others are caught by.</summary>
    public static IReadOnlyList<Twin> Controls { get; } =
    [
        new("control-pages", "pages", Breakage.BeforeEffects, [], "nothing"),
        new("control-close", "close", Breakage.BeforeEffects, [], "nothing"),
        new("control-room", "room", Breakage.Late, [], "nothing"),
        new("control-stop", "stop", Breakage.Late, [], "nothing"),
        new("control-wake", "wake", Breakage.Early, [], "nothing"),
        new("control-sleep", "sleep", Breakage.Split, [], "nothing"),
    ];

    /// <summary>Accesses whose breaking nobody could see: the beginning of a name, and why.</summary>
    public static IReadOnlyDictionary<string, string> Unobservable { get; } = new Dictionary<string, string>
    {
        ["ContainerRing.Executed"] = "a count that is only looked at",
        ["ContainerRing.Account Volatile.Write(ref _executed"] = "a count that is only looked at",
        ["VfioMeters."] = Published,
        ["ContainerMeter."] = "figures that are only looked at, each by itself",
        ["ContainerRing.Head"] = "what is decided from it is decided again from a slot's own sequence, or with the turn; that it may come late is room-after-the-look",
        ["ContainerRing.CompletionFault"] = Published,
        ["ContainerRing.Note"] = "only the holder of the turn writes it; " + Published,
        ["ContainerTurn.Snapshot"] = Published,
        ["ContainerTurn.Publish"] = Published,
        ["DmaMapper.CurrentLanes"] = Published,
        ["DmaMapper.PublishLanes"] = Published,
        ["DmaMapper.Windows Volatile.Read"] = Published,
        ["SystemMemory."] = Published,
        ["IoctlWorker.Park Interlocked.Exchange(ref _isParked, 0)"] = "a flag that stays up costs one wake of a thread that is awake",
        ["BatchAnswers.Park Volatile.Write(ref _isParked, 0)"] = "a flag that stays up costs one pulse that nobody hears",
    };

    /// <exception cref="ArgumentException">No twin is called so.</exception>
    public static Twin Named(string name) =>
        All.Concat(Controls).FirstOrDefault(twin => twin.Name == name) ?? throw new ArgumentException($"no twin is called '{name}'; --list names them", nameof(name));

    /// <summary>What is missing: an access without a twin or a reason, a twin or a reason without an access.</summary>
    public static IEnumerable<string> Gaps()
    {
        var covers = All.SelectMany(twin => twin.Covers.Select(beginning => (twin.Name, Beginning: beginning)))
            .Concat(Unobservable.Keys.Select(beginning => (Name: "a reason", Beginning: beginning)))
            .ToList();
        return
        [
            .. SiteTable.Strays,
            .. from site in SiteTable.All
               where !covers.Exists(cover => site.Name.StartsWith(cover.Beginning, StringComparison.Ordinal))
               select $"{site.File}:{site.Line}: no twin breaks {site.Name}: add one to TwinTable, or the reason why nobody could see it",
            .. from cover in covers
               where SiteTable.Matching(cover.Beginning).Count == 0
               select $"{cover.Name} is about {cover.Beginning}, which the sources do not have: mend TwinTable",
        ];
    }
}
