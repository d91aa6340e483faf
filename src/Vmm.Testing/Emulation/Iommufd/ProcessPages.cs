using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Memory;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>Pages by their addresses in the process.</summary>
internal sealed class ProcessPages(AddressBook book, ulong start) : IPageSource
{
    public ulong Base => start;

    public bool IsFile => false;

    public bool IsCharged => true;

    public bool IsRevoked => false;

    public Errno Refusal => Errno.EFAULT;

    // KERNEL: memory of a device has no pages, and an iommufd takes pages.
    public PinAttempt Pin(ulong offset, ulong length, bool writable) =>
        book.Pin(start + offset, length, writable, takesDeviceMemory: false);

    public void Close()
    {
    }
}
