namespace Vmm.Actors;

/// <summary>The source of events is gone: no more will come.</summary>
internal sealed record WatchEnded;
