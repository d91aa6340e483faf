namespace Vmm.Actors;

/// <summary>Something that a watcher is told. Numbers grow by one with each event of a source, and never repeat.</summary>
public interface IWatchEvent
{
    /// <summary>Number of the event; of a snapshot, that of the last event in it.</summary>
    long Sequence { get; }
}
