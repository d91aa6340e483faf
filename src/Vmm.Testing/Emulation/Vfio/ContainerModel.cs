using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Type1;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>
/// One container: empty, with groups, or with groups and a backend. It lives on through its groups when its descriptor is
/// closed, and is empty again when the last group has left.
/// </summary>
internal sealed class ContainerModel(KernelState kernel)
{
    /// <summary>An extension that SET_IOMMU takes for a type on x86, without there being one.</summary>
    private const ulong UnmapAll = VfioUapi.UnmapAll;

    // Most recently added first, as the kernel's list is.
    private readonly List<GroupModel> _groups = [];

    public Type1Model? Backend { get; private set; }

    public IReadOnlyList<GroupModel> Groups => _groups;

    public SysResult Ioctl(uint request, IoctlArgument argument) => request switch
    {
        _ when request == VfioUapi.GetApiVersion.Number => SysResult.Of(VfioUapi.ApiVersion),
        _ when request == VfioUapi.CheckExtension.Number => SysResult.Of(CheckExtension(argument.Value)),
        _ when request == VfioUapi.SetIommu.Number => SetIommu(argument.Value),
        _ when Backend is null => Errno.EINVAL,
        _ => Type1Ioctls.Answer(Backend, request, argument),
    };

    /// <summary>Takes a group in: ownership of its DMA first, then the backend where there is one.</summary>
    public Errno Attach(GroupModel group)
    {
        if (!group.Host.IsEmulated && Claim(group.Host) is { IsNone: false } refused)
        {
            return refused;
        }

        if (Backend?.Attach(group.Host) is { IsNone: false } unfit)
        {
            Disown(group.Host);
            return unfit;
        }

        _groups.Insert(0, group);
        return Errno.None;
    }

    /// <summary>Lets a group go; the last one takes the backend and every mapping with it.</summary>
    public void Detach(GroupModel group)
    {
        Backend?.Detach(group.Host);
        Disown(group.Host);
        _groups.Remove(group);
        if (_groups.Count == 0)
        {
            Backend?.Clear();
            Backend = null;
        }
    }

    private Errno Claim(EmulatedGroup group)
    {
        if (!group.IsViable)
        {
            return Errno.EPERM;
        }

        if (group.NeedsDirectMapping)
        {
            return Errno.EINVAL;
        }

        group.Owner = this;
        return Errno.None;
    }

    private void Disown(EmulatedGroup group)
    {
        if (ReferenceEquals(group.Owner, this))
        {
            group.Owner = null;
        }
    }

    private int CheckExtension(ulong extension)
    {
        var answer = extension switch
        {
            VfioUapi.Type1 or VfioUapi.Type1V2 or UnmapAll => true,
            VfioUapi.DmaCacheCoherent => Backend is { IsCoherent: true },

            // KERNEL: needs a backend to ask, and cannot be had beside a mediated device.
            VfioUapi.UpdateVaddr => Backend is { HasEmulatedGroup: false },
            _ => false,
        };
        return answer ? 1 : 0;
    }

    private SysResult SetIommu(ulong type)
    {
        if (_groups.Count == 0 || Backend is not null)
        {
            return Errno.EINVAL;
        }

        // KERNEL: the extension test says yes to UNMAP_ALL, then opening a backend of that type fails.
        if (type == UnmapAll)
        {
            return Errno.EINVAL;
        }

        if (type is not (VfioUapi.Type1 or VfioUapi.Type1V2))
        {
            return Errno.ENODEV;
        }

        var backend = new Type1Model(type == VfioUapi.Type1V2, kernel.Memory.Book, kernel.Locked, kernel.Options);
        foreach (var group in _groups)
        {
            if (backend.Attach(group.Host) is { IsNone: false } unfit)
            {
                backend.Clear();
                return unfit;
            }
        }

        Backend = backend;
        return SysResult.Ok;
    }
}
