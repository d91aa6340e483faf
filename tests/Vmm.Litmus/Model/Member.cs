using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Litmus.Model;

/// <summary>A member that comes and goes when it is told to.</summary>
internal sealed class Member(int group) : IContainerMember
{
    public string Name => $"group {group}";

    public int Group => group;

    public bool KeepsDevice => false;

    public bool IsInside { get; set; }

    public SysResult<bool> GetIsInside() => IsInside;

    public SysResult<OwnedFd> GetDevice(string name) => Errno.ENODEV;

    public SysResult Close() => SysResult.Ok;
}
