using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vmm.Iommu.Kernel;

/// <summary>
/// The capabilities behind an info struct: headers in one buffer, each with the offset of the next from the start of the buffer.
/// Offsets come from outside this process, so the walk trusts none: it stays inside the buffer and ends.
/// </summary>
public sealed class CapabilityChain
{
    /// <summary>Links that a chain may have. The kernel writes at most a handful; more is taken for a loop.</summary>
    public const int MostLinks = 64;

    private static readonly int HeaderSize = Unsafe.SizeOf<VfioUapi.CapabilityHeader>();

    private CapabilityChain(IReadOnlyList<Capability> links, string? fault)
    {
        Links = links;
        Fault = fault;
    }

    /// <summary>The links in the chain's order; empty where the chain lies.</summary>
    public IReadOnlyList<Capability> Links { get; }

    /// <summary>What is wrong with the chain, in words; null when it is sound.</summary>
    public string? Fault { get; }

    /// <summary>Walks a chain.</summary>
    /// <param name="buffer">The whole buffer that the kernel wrote.</param>
    /// <param name="first">Offset of the first header from the start of the buffer; 0 is an empty chain.</param>
    /// <param name="fixedSize">Bytes of the struct in front, which no header may lie in.</param>
    public static CapabilityChain Walk(ReadOnlySpan<byte> buffer, uint first, int fixedSize)
    {
        var headers = new List<(int Offset, VfioUapi.CapabilityHeader Header)>();
        for (var at = first; at != 0;)
        {
            if (FaultAt(buffer, at, fixedSize, headers) is { } fault)
            {
                return new CapabilityChain([], fault);
            }

            var header = MemoryMarshal.Read<VfioUapi.CapabilityHeader>(buffer[(int)at..]);
            headers.Add(((int)at, header));
            at = header.Next;
        }

        var length = buffer.Length;
        return new CapabilityChain([.. headers.Select(link => WithLength(link, headers, length))], fault: null);
    }

    /// <summary>The first link with an id; false when there is none.</summary>
    public bool TryFind(ushort id, out Capability capability)
    {
        foreach (var link in Links)
        {
            if (link.Id == id)
            {
                capability = link;
                return true;
            }
        }

        capability = default;
        return false;
    }

    private static string? FaultAt(
        ReadOnlySpan<byte> buffer, uint at, int fixedSize, List<(int Offset, VfioUapi.CapabilityHeader Header)> seen)
    {
        var from = seen.Count == 0 ? "the struct" : $"capability {seen[^1].Header.Id} at 0x{seen[^1].Offset:x}";
        if (at < fixedSize || (long)at + HeaderSize > buffer.Length)
        {
            return $"{from} points to a capability at 0x{at:x}, outside bytes 0x{fixedSize:x}-0x{buffer.Length:x} of the answer";
        }

        foreach (var (offset, _) in seen)
        {
            if (offset == at)
            {
                return $"{from} points back to the capability at 0x{at:x}: the chain is a loop";
            }

            if (Math.Abs(offset - (int)at) < HeaderSize)
            {
                return $"{from} points to a capability at 0x{at:x}, inside the header of the one at 0x{offset:x}";
            }
        }

        return seen.Count < MostLinks ? null : $"the chain has more than {MostLinks} capabilities";
    }

    private static Capability WithLength(
        (int Offset, VfioUapi.CapabilityHeader Header) link, List<(int Offset, VfioUapi.CapabilityHeader Header)> all, int end)
    {
        foreach (var (offset, _) in all)
        {
            if (offset > link.Offset && offset < end)
            {
                end = offset;
            }
        }

        return new Capability(link.Header.Id, link.Header.Version, link.Offset, end - link.Offset);
    }
}
