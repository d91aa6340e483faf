namespace Vmm.Litmus.Stories;

/// <summary>All stories.</summary>
internal static class StoryTable
{
    public static IReadOnlyList<StoryEntry> All { get; } =
    [
        new("pages", "four vCPUs map, unmap, post and flush over a ring of five places; some pages are everybody's", () => new PagesStory()),
        new("attach", "members come and go, holes change and views are mapped by posted requests, while vCPUs map and name the windows that they saw", () => new AttachStory()),
        new("translation-off", "a guest switches translation off on one vCPU while others map: after the answer nothing hot is mapped and maps answer NotHot", () => new TranslationStory()),
        new("close", "a container is closed under vCPUs: from then on every answer is Closed, each request has one, and nothing is held", () => new CloseStory()),
        new("stop", "a ring's worker is stopped under callers that wait: it ends, and they execute what is left", () => new StopStory()),
        new("room", "more requests than a ring of two places holds: whoever finds it full sleeps, and is woken", () => new RoomStory()),
        new("lazy", "a batch that nobody flushes while others wait behind it: they are answered all the same", () => new LazyStory()),
        new("sleep", "calls to the kernel take long: whoever waits for an answer sleeps, and is woken with the answer", () => new SleepStory()),
        new("wake", "requests are posted while the worker goes to sleep, or while another has the turn: each is executed without further help", () => new WakeStory()),
        new("lease", "leases of a block are taken and ended while it is retired: it goes back once, after the last lease, with all that devices wrote", () => new LeaseStory()),
    ];

    /// <exception cref="ArgumentException">No story is called so.</exception>
    public static StoryEntry Named(string name) =>
        All.FirstOrDefault(entry => entry.Name == name) ?? throw new ArgumentException($"no story is called '{name}'; --list names them", nameof(name));
}
