namespace Vmm.Testing.Emulation.Type1;

/// <summary>The locked pages of this process (VmLck) against its limit.</summary>
internal sealed class LockedMemory(EmulatedKernelOptions options)
{
    private const int PageShift = 12;

    /// <summary>Pages of 4 KiB charged now.</summary>
    public ulong Pages { get; private set; }

    /// <summary>True when the process that maps has CAP_IPC_LOCK; a mapping keeps what was true when it was made.</summary>
    public bool HasIpcLock => options.HasIpcLock;

    /// <summary>Charges, unless that goes over the limit; exactly at it is allowed.</summary>
    public bool TryCharge(ulong pages, bool hasIpcLock)
    {
        if (!hasIpcLock && Pages + pages > options.MemlockLimit >> PageShift)
        {
            return false;
        }

        Pages += pages;
        return true;
    }

    public void Uncharge(ulong pages) => Pages -= pages;
}
