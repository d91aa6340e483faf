using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Type1;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>
/// One container: empty, with groups, or with groups and a backend, which is type1 or the one for groups without an IOMMU,
/// which maps nothing. It lives on through its groups when its descriptor is
/// closed, and is empty again when the last group has left.
/// </summary>
internal sealed class ContainerModel(KernelState kernel)
{
    /// <summary>An extension that SET_IOMMU takes for a type on x86, without there being one.</summary>
    private const ulong UnmapAll = VfioUapi.UnmapAll;

    // Most recently added first, as the kernel's list is.
    private readonly List<GroupModel> _groups = [];
    private bool _isNoIommu;

    /// <summary>The type1 backend, where there is one.</summary>
    public Type1Model? Backend { get; private set; }

    public bool HasBackend => _isNoIommu || Backend is not null;

    public IReadOnlyList<GroupModel> Groups => _groups;

    public SysResult Ioctl(uint request, IoctlArgument argument) => request switch
    {
        _ when request == VfioUapi.GetApiVersion.Number => SysResult.Of(VfioUapi.ApiVersion),
        _ when request == VfioUapi.CheckExtension.Number => SysResult.Of(CheckExtension(argument.Value)),
        _ when request == VfioUapi.SetIommu.Number => SetIommu(argument.Value),
        _ when Backend is not null => Type1Ioctls.Answer(Backend, request, argument),
        _ => _isNoIommu ? Errno.ENOTTY : Errno.EINVAL,
    };

    private KernelPersonality Linux => kernel.Options.Personality;

    private bool HoldsUnprotected => _groups.Count > 0 && _groups[0].Host.IsUnprotected;

    /// <summary>Takes a group in: ownership of its DMA first, then the backend where there is one.</summary>
    public Errno Attach(GroupModel group)
    {
        if ((group.Host.IsUnprotected && !kernel.Options.HasRawIo)
            || (_groups.Count > 0 && group.Host.IsUnprotected != HoldsUnprotected))
        {
            return Errno.EPERM;
        }

        if (!group.Host.IsEmulated && !group.Host.IsUnprotected && Claim(group.Host) is { IsNone: false } refused)
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
            (Backend, _isNoIommu) = (null, false);
        }
    }

    private Errno Claim(EmulatedGroup group)
    {
        if (!Linux.ClaimsDmaOwnership)
        {
            group.Owner = this;
            return Errno.None;
        }

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
        // KERNEL: without a backend those are polled that the container's kind of group may use.
        var isType1 = HasBackend ? !_isNoIommu : !HoldsUnprotected;
        var answer = extension switch
        {
            VfioUapi.Type1 => isType1,
            VfioUapi.Type1V2 => isType1 && kernel.Options.HasType1V2,
            UnmapAll => isType1 && Linux.HasUnmapAll,
            VfioUapi.NoIommu => _isNoIommu || (kernel.Host.AllowsUnsafeNoIommu && (_groups.Count == 0 || (HoldsUnprotected && !HasBackend))),
            VfioUapi.DmaCacheCoherent => Backend is { IsCoherent: true },

            // KERNEL: needs a backend to ask, and cannot be had beside a mediated device.
            VfioUapi.UpdateVaddr => Linux.HasUnmapAll && Backend is { HasEmulatedGroup: false },
            _ => false,
        };
        return answer ? 1 : 0;
    }

    private SysResult SetIommu(ulong type)
    {
        if (_groups.Count == 0 || HasBackend)
        {
            return Errno.EINVAL;
        }

        if (type is not (VfioUapi.Type1 or VfioUapi.Type1V2 or VfioUapi.NoIommu or UnmapAll) || CheckExtension(type) == 0)
        {
            return Errno.ENODEV;
        }

        return type switch
        {
            // KERNEL: the extension test says yes to UNMAP_ALL, then opening a backend of that type fails.
            UnmapAll => Errno.EINVAL,
            VfioUapi.NoIommu => OpenNoIommu(),
            _ => OpenType1(type),
        };
    }

    private SysResult OpenNoIommu()
    {
        if (!kernel.Options.HasRawIo)
        {
            return Errno.EPERM;
        }

        _isNoIommu = true;
        return SysResult.Ok;
    }

    private SysResult OpenType1(ulong type)
    {
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
