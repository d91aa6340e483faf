using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>
/// One open /dev/iommu: its objects, and the devices bound to it. It lives on through its devices and through groups whose
/// container it is when its descriptor is closed.
/// </summary>
internal sealed partial class IommufdContext
{
    private readonly KernelState _kernel;
    private readonly Dictionary<EmulatedGroup, IommufdGroup> _groups = [];
    private IoasObject? _compat;
    private int _references = 1;

    public IommufdContext(KernelState kernel)
    {
        _kernel = kernel;
        Account = new IommufdAccount(kernel.UserLocked, kernel.Locked);
        kernel.Iommufds.Add(this);
    }

    public KernelState Kernel => _kernel;

    public ObjectTable Objects { get; } = new();

    public IommufdAccount Account { get; }

    /// <summary>The option RLIMIT_MODE: true charges the process and not the user.</summary>
    public bool ChargesProcess { get; set; }

    /// <summary>True after a group without an IOMMU took the iommufd for its container.</summary>
    public bool IsNoIommu { get; private set; }

    /// <summary>Its IOASes.</summary>
    public IEnumerable<IoasObject> Ioases => Objects.All.OfType<IoasObject>();

    /// <summary>
    /// The IOAS that requests without an id mean. KERNEL: it is not held; destroyed, it is none.
    /// </summary>
    public IoasObject? Compat
    {
        get => _compat is { } ioas && Objects.Find<IoasObject>(ioas.Id) == ioas ? ioas : null;
        set => _compat = value;
    }

    /// <summary>Who pays for pages mapped now.</summary>
    public ChargeMode Mode => Account.HasIpcLock ? ChargeMode.None : ChargesProcess ? ChargeMode.Process : ChargeMode.User;

    public void Get() => _references++;

    public void Put()
    {
        if (--_references == 0)
        {
            Objects.Clear();
            _kernel.Iommufds.Remove(this);
        }
    }

    /// <summary>An IOAS with the lowest free id.</summary>
    public IoasObject NewIoas()
    {
        var ioas = new IoasObject(new IoasModel(_kernel.Options.HasHugePages));
        Objects.Add(ioas);
        return ioas;
    }

    /// <summary>Pages that are mapped now, and paid for by who is to pay now.</summary>
    public IoasPages PagesOf(IPageSource source, bool isWritable) => new(source, isWritable, source.IsCharged ? Mode : ChargeMode.None, Account);

    /// <summary>A group with an IOMMU takes the iommufd for its container.</summary>
    /// <returns>False where a group without one did so before.</returns>
    public bool TryServeGroup()
    {
        if (IsNoIommu)
        {
            return false;
        }

        Compat ??= NewIoas();
        return true;
    }

    /// <summary>A group without an IOMMU takes the iommufd for its container.</summary>
    /// <returns>False where there is an IOAS for groups already.</returns>
    public bool TryServeNoIommu()
    {
        IsNoIommu |= Compat is null;
        return Compat is null;
    }
}
