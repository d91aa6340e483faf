using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Containers.Type1;

/// <summary>Reads the answer of VFIO_IOMMU_GET_INFO: what it says, or why it cannot be believed.</summary>
/// <param name="Info">What it says; null where it contradicts itself.</param>
/// <param name="Fault">The contradiction, in words; null where there is none.</param>
public sealed record Type1Answer(ContainerInfo? Info, string? Fault)
{
    private const int FixedSize = 24;
    private const int CountAt = 8;
    private const int RangesAt = 16;
    private const int RangeSize = 16;

    /// <summary>Reads an answer.</summary>
    /// <param name="answer">The whole buffer: the fixed part, then the capabilities.</param>
    public static Type1Answer Read(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < FixedSize)
        {
            return Wrong($"the answer has {answer.Length} bytes, not {FixedSize} or more");
        }

        var flags = BinaryPrimitives.ReadUInt32LittleEndian(answer[4..]);
        var bitmap = BinaryPrimitives.ReadUInt64LittleEndian(answer[8..]);
        var sizes = (flags & VfioUapi.InfoPageSizes) != 0 && bitmap != 0 ? new PageSizes(bitmap) : PageSizes.FourKiB;
        var first = (flags & VfioUapi.InfoCaps) != 0 ? BinaryPrimitives.ReadUInt32LittleEndian(answer[16..]) : 0;
        var chain = CapabilityChain.Walk(answer, first, FixedSize);
        if (chain.Fault is not null)
        {
            return Wrong(chain.Fault);
        }

        if (!TryReadWindows(answer, chain, out var windows, out var fault) || !TryReadEntries(answer, chain, out var entries, out fault))
        {
            return Wrong(fault);
        }

        return new Type1Answer(new ContainerInfo(windows, sizes, entries), Fault: null);
    }

    private static bool TryReadWindows(ReadOnlySpan<byte> answer, CapabilityChain chain, out ValidIovaRanges? windows, out string fault)
    {
        windows = null;
        fault = "";
        if (!chain.TryFind(VfioUapi.CapIovaRange, out var capability))
        {
            return true;
        }

        var bytes = capability.In(answer);
        var count = bytes.Length < RangesAt ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes[CountAt..]);
        if (bytes.Length < RangesAt || count > (uint)(bytes.Length - RangesAt) / RangeSize)
        {
            fault = $"the IOVA range capability claims {count} ranges in {bytes.Length} bytes";
            return false;
        }

        var ranges = new List<IovaRange>();
        for (var index = 0; index < count; index++)
        {
            var range = bytes.Slice(RangesAt + (index * RangeSize), RangeSize);
            var start = BinaryPrimitives.ReadUInt64LittleEndian(range);
            var last = BinaryPrimitives.ReadUInt64LittleEndian(range[8..]);
            if (last < start)
            {
                fault = $"IOVA range {index} ends at 0x{last:x}, below its start 0x{start:x}";
                return false;
            }

            ranges.Add(IovaRange.FromBounds(start, last));
        }

        windows = new ValidIovaRanges(ranges);
        return true;
    }

    private static bool TryReadEntries(ReadOnlySpan<byte> answer, CapabilityChain chain, out uint? entries, out string fault)
    {
        entries = null;
        fault = "";
        if (!chain.TryFind(VfioUapi.CapDmaAvail, out var capability))
        {
            return true;
        }

        if (capability.Length < CountAt + sizeof(uint))
        {
            fault = $"the capability with the number of mappings left has {capability.Length} bytes";
            return false;
        }

        entries = BinaryPrimitives.ReadUInt32LittleEndian(capability.In(answer)[CountAt..]);
        return true;
    }

    private static Type1Answer Wrong(string fault) => new(Info: null, fault);
}
