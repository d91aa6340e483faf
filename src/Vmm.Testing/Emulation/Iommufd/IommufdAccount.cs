using Vmm.Testing.Emulation.Type1;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>The two accounts of locked memory that an iommufd charges: the user's and the process'. Each has the limit for itself.</summary>
internal sealed class IommufdAccount(LockedMemory user, LockedMemory process)
{
    /// <summary>True when who maps now may lock without limit; pages keep what was true when they were mapped.</summary>
    public bool HasIpcLock => process.HasIpcLock;

    public bool TryCharge(ChargeMode mode, ulong pages) =>
        Of(mode)?.TryCharge(pages, hasIpcLock: false) != false;

    public void Uncharge(ChargeMode mode, ulong pages) => Of(mode)?.Uncharge(pages);

    private LockedMemory? Of(ChargeMode mode) => mode switch
    {
        ChargeMode.User => user,
        ChargeMode.Process => process,
        _ => null,
    };
}
