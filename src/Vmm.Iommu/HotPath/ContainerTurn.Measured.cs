using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <content>Maps and unmaps with the time that they take, where somebody listens to it.</content>
public sealed partial class ContainerTurn
{
    /// <summary>Where they are recorded; null for nowhere.</summary>
    internal ContainerMeter? Meter { get; set; }

    /// <summary>Mappings that can still be made; null where the kernel does not say.</summary>
    internal uint? EntriesLeft => _entriesLeft;

    private MapResult Map(IovaRange range, RamBlock block, ulong offset, DmaAccess access, bool isHot)
    {
        var begun = Meter?.BeginMap() ?? 0;
        var result = JudgeAndMap(range, block, offset, access, isHot);
        Meter?.EndMap(begun, result);
        return result;
    }

    /// <summary>As <see cref="Unmap(IovaRange)"/>; a failure taints the container only where it is the last word.</summary>
    private MapResult Unmap(IovaRange range, bool isLastWord)
    {
        var begun = Meter?.BeginUnmap() ?? 0;
        var result = JudgeAndUnmap(range, isLastWord);
        Meter?.EndUnmap(begun, result);
        return result;
    }
}
