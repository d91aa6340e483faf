using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Iommu.Tests.Kernel;

namespace Vmm.Iommu.Tests.HotPath;

/// <summary>
/// A container that does what it is told and can be told to fail, or to lie about how much it unmapped, at any call.
/// Its groups are real <see cref="VfioGroup"/>s over scripted devices.
/// </summary>
internal sealed class FakeContainer : IDmaContainer
{
    private readonly ScriptedDevices _devices = new();
    private readonly Dictionary<int, bool> _inside = [];

    public FakeContainer()
    {
        _devices.Answers[VfioUapi.GroupGetStatus] = (group, argument) =>
        {
            argument[4] = _inside.GetValueOrDefault(group) ? (byte)3 : (byte)1;
            return SysResult.Ok;
        };
        _devices.Answers[VfioUapi.GroupSetContainer] = (group, _) => AttachErrno.IsNone ? Set(group, inside: true) : AttachErrno;
        _devices.Answers[VfioUapi.GroupUnsetContainer] = (group, _) => DetachErrno.IsNone ? Set(group, inside: false) : DetachErrno;
    }

    public ContainerKind Kind => ContainerKind.Type1V2;

    public int Descriptor => IsClosed ? -1 : 3;

    public bool IsClosed { get; private set; }

    public SortedDictionary<Iova, IovaRange> Mapped { get; } = [];

    public List<string> Calls { get; } = [];

    public ContainerInfo Info { get; set; } = new(new ValidIovaRanges([IovaRange.FromBounds(0, 0xffff_ffff_ffff)]), PageSizes.FourKiB, 100);

    public Errno MapErrno { get; set; }

    /// <summary>True for a map that fails after its effect.</summary>
    public bool MapsAllTheSame { get; set; }

    public Errno AttachErrno { get; set; }

    public Errno DetachErrno { get; set; }

    public Errno InfoErrno { get; set; }

    /// <summary>What an unmap answers in place of unmapping; null unmaps.</summary>
    public Func<IovaRange, (SysResult Result, ulong Unmapped)?> OnUnmap { get; set; } = _ => null;

    public VfioGroup Group(int number)
    {
        Assert.True(VfioGroup.TryOpen(_devices, number, out var group, out var refusal), refusal?.ToString());
        return group;
    }

    public SysResult Map(IovaRange range, HostAddress address, DmaAccess access)
    {
        Calls.Add($"map {range}");
        if (MapErrno.IsNone || MapsAllTheSame)
        {
            Mapped.Add(range.Start, range);
        }

        return MapErrno.IsNone ? SysResult.Ok : MapErrno;
    }

    public SysResult Unmap(IovaRange range, out ulong unmapped)
    {
        Calls.Add($"unmap {range}");
        unmapped = 0;
        if (OnUnmap(range) is { } told)
        {
            unmapped = told.Unmapped;
            return told.Result;
        }

        foreach (var mapping in Mapped.Values.Where(range.Contains).ToList())
        {
            unmapped += (ulong)mapping.Length;
            Mapped.Remove(mapping.Start);
        }

        return SysResult.Ok;
    }

    public SysResult UnmapAll(out ulong unmapped) => Unmap(IovaRange.All, out unmapped);

    public SysResult<ContainerInfo> GetInfo()
    {
        Calls.Add("info");
        return InfoErrno.IsNone ? Info : InfoErrno;
    }

    public SysResult Attach(IContainerMember member)
    {
        Calls.Add($"attach {member.Group}");
        return ((VfioGroup)member).SetContainer(Descriptor);
    }

    public SysResult Detach(IContainerMember member)
    {
        Calls.Add($"detach {member.Group}");
        return ((VfioGroup)member).UnsetContainer();
    }

    public SysResult Close()
    {
        Calls.Add("close");
        IsClosed = true;
        return SysResult.Ok;
    }

    private SysResult Set(int group, bool inside)
    {
        _inside[group] = inside;
        return SysResult.Ok;
    }
}
