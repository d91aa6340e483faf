using System.Diagnostics;
using System.Diagnostics.Metrics;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>
/// One container's part of <see cref="VfioMeters"/>. Written by the holder of its turn, whom no listener's exception reaches: what came
/// of a request does not depend on who watches. Whoever collects reads what held when a turn ended, and how many wait now.
/// </summary>
internal sealed class ContainerMeter(VfioMeters meters, ContainerRing ring, ContainerTurn turn)
{
    private const long Unknown = -1;

    private static readonly string[] Results = Enum.GetNames<MapStatus>();

    private long _mappings;
    private long _bytes;
    private long _entriesFree = turn.EntriesLeft ?? Unknown;

    /// <summary>Says of which container a figure is.</summary>
    public KeyValuePair<string, object?> Tag { get; } = new("container", ring.Name);

    /// <summary>Mappings, dying ones too.</summary>
    // ORDERING: a figure to be looked at; the pair of the write in EndTurn.
    public long Mappings => Volatile.Read(ref _mappings);

    /// <summary>Bytes mapped; 2^63 - 1 where they are more.</summary>
    // ORDERING: a figure to be looked at; the pair of the write in EndTurn.
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Mappings that can still be made; null where the kernel does not say.</summary>
    // ORDERING: a figure to be looked at; the pair of the write in EndTurn.
    public long? EntriesFree => Volatile.Read(ref _entriesFree) is var free && free == Unknown ? null : free;

    /// <summary>Requests that wait.</summary>
    public long Depth => ring.Count;

    /// <summary>The time now, where somebody listens to how long maps take.</summary>
    public long BeginMap() => Begin(meters.MapSeconds);

    /// <summary>Records a map.</summary>
    /// <param name="begun">From <see cref="BeginMap"/>.</param>
    /// <param name="result">How it ended.</param>
    public void EndMap(long begun, MapResult result) => Record(meters.MapSeconds, begun, result);

    /// <summary>The time now, where somebody listens to how long unmaps take.</summary>
    public long BeginUnmap() => Begin(meters.UnmapSeconds);

    /// <summary>Records an unmap.</summary>
    /// <param name="begun">From <see cref="BeginUnmap"/>.</param>
    /// <param name="result">How it ended.</param>
    public void EndUnmap(long begun, MapResult result) => Record(meters.UnmapSeconds, begun, result);

    /// <summary>Before a turn is given back.</summary>
    /// <param name="executed">Requests that were executed in it.</param>
    public void EndTurn(int executed)
    {
        // ORDERING: a figure to be looked at, and only the holder of the turn writes it; the pair of the read in Mappings.
        Volatile.Write(ref _mappings, turn.Table.Count);

        // ORDERING: as above; the pair of the read in Bytes.
        Volatile.Write(ref _bytes, turn.Table.Bytes > long.MaxValue ? long.MaxValue : (long)turn.Table.Bytes);

        // ORDERING: as above; the pair of the read in EntriesFree.
        Volatile.Write(ref _entriesFree, turn.EntriesLeft ?? Unknown);
        if (executed > 0 && meters.TurnRequests.Enabled)
        {
            Tell(executed);
        }

        if (turn.IsClosed)
        {
            Leave();
        }
    }

    /// <summary>Nothing more is said of this container.</summary>
    public void Leave() => meters.Leave(this);

    private static long Begin(Instrument instrument) => instrument.Enabled ? Stopwatch.GetTimestamp() : 0;

    private void Tell(int executed)
    {
        try
        {
            meters.TurnRequests.Record(executed, Tag);
        }
        catch (Exception fault)
        {
            meters.Note(fault);
        }
    }

    private void Record(Histogram<double> histogram, long begun, MapResult result)
    {
        // Nobody listened when it began: how long it took is not known.
        if (begun == 0)
        {
            return;
        }

        try
        {
            histogram.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, Tag, new KeyValuePair<string, object?>("result", Results[(int)result.Status]));
        }
        catch (Exception fault)
        {
            meters.Note(fault);
        }
    }
}
