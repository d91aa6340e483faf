using Vmm.Testing.Emulation.Memory;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>Pages that are pinned together: held by so many areas, charged once.</summary>
internal sealed class PinnedRun(PinnedSegment[] segments)
{
    public int Holders { get; set; } = 1;

    /// <summary>What is pinned, in order.</summary>
    public PinnedSegment[] Segments { get; private set; } = segments;

    /// <summary>Cuts the run: this one keeps the first bytes, the rest is a run of its own with as many holders.</summary>
    public PinnedRun Cut(ulong bytes)
    {
        var left = new List<PinnedSegment>();
        var right = new List<PinnedSegment>();
        foreach (var segment in Segments)
        {
            if (bytes >= segment.Length)
            {
                left.Add(segment);
                bytes -= segment.Length;
            }
            else if (bytes == 0)
            {
                right.Add(segment);
            }
            else
            {
                // Two pieces, so a pin more: each is given back by itself.
                segment.Block?.Pin();
                left.Add(segment with { Length = bytes });
                right.Add(segment with { Address = segment.Address + bytes, Length = segment.Length - bytes });
                bytes = 0;
            }
        }

        Segments = [.. left];
        return new PinnedRun([.. right]) { Holders = Holders };
    }

    public void Release() => PinAttempt.Release(Segments);
}
