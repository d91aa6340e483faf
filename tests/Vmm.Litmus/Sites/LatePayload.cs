using System.Numerics;
using System.Runtime.CompilerServices;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;

namespace Vmm.Litmus.Sites;

/// <summary>What stands beside a store and is published by it: taken away before the store and brought back behind it.</summary>
internal static class LatePayload
{
    private static RingSlot[] _slots = [];
    private static BatchAnswers[] _answers = [];

    /// <summary>The slots that are raced on, and what answers of batches there are.</summary>
    public static void Know(ContainerRing ring, IEnumerable<DmaBatch> batches)
    {
        System.Threading.Volatile.Write(ref _slots, SlotsOf(ring));
        System.Threading.Volatile.Write(ref _answers, [.. batches.SelectMany(batch => AnswersOf(batch))]);
    }

    /// <summary>Takes away what a store at a place publishes.</summary>
    /// <returns>Brings it back; null for a place that is not known.</returns>
    public static Action? Take<T>(ref T place, Site site)
        where T : struct, IBinaryInteger<T>
    {
        foreach (var slot in _slots)
        {
            if (IsSame(ref place, ref SequenceOf(slot)))
            {
                return TakeFrom(slot, site);
            }
        }

        foreach (var answers in _answers)
        {
            if (IsSame(ref place, ref OutstandingOf(answers)))
            {
                return TakeFrom(answers);
            }
        }

        return null;
    }

    /// <summary>The answer where it says that it is there, the request where that is published, or the clearing where the slot is freed.</summary>
    private static Action TakeFrom(RingSlot slot, Site site)
    {
        if (site.Name.StartsWith("RingSlot.Done", StringComparison.Ordinal))
        {
            var result = ResultOf(slot);
            ResultOf(slot) = default;
            return () => ResultOf(slot) = result;
        }

        if (site.Name.StartsWith("RingSlot.Free", StringComparison.Ordinal))
        {
            return () => (RequestOf(slot), HotOf(slot), ParkedOf(slot)) = (null, default, 0);
        }

        var (request, hot) = (RequestOf(slot), HotOf(slot));
        (RequestOf(slot), HotOf(slot)) = (null, default);
        return () => (RequestOf(slot), HotOf(slot)) = (request, hot);
    }

    private static Action TakeFrom(BatchAnswers answers)
    {
        var results = ResultsOf(answers);
        var whole = results.ToArray();
        results.AsSpan().Clear();
        return () => whole.CopyTo(results, 0);
    }

    private static bool IsSame<T, TOther>(ref T one, ref TOther other) => Unsafe.AreSame(ref Unsafe.As<T, byte>(ref one), ref Unsafe.As<TOther, byte>(ref other));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_slots")]
    private static extern ref RingSlot[] SlotsOf(ContainerRing ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sequence")]
    private static extern ref long SequenceOf(RingSlot slot);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_request")]
    private static extern ref RingRequest? RequestOf(RingSlot slot);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_hot")]
    private static extern ref HotRequest HotOf(RingSlot slot);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_result")]
    private static extern ref MapResult ResultOf(RingSlot slot);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_isParked")]
    private static extern ref int ParkedOf(RingSlot slot);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_answers")]
    private static extern ref BatchAnswers[] AnswersOf(DmaBatch batch);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_outstanding")]
    private static extern ref int OutstandingOf(BatchAnswers answers);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_results")]
    private static extern ref MapResult[] ResultsOf(BatchAnswers answers);
}
