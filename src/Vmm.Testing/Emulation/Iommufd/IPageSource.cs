using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Memory;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>Where the pages of a mapping come from: addresses of the process, or a file.</summary>
internal interface IPageSource
{
    /// <summary>Address in the process, or offset in the file, of the first page; a multiple of 4 KiB.</summary>
    ulong Base { get; }

    /// <summary>True for a file: such memory outlives the process that mapped it.</summary>
    bool IsFile { get; }

    /// <summary>True when its pages count against the limit on locked memory.</summary>
    bool IsCharged { get; }

    /// <summary>True after whoever owns the memory took it back: devices reach it no more.</summary>
    bool IsRevoked { get; }

    /// <summary>What a page that cannot be had answers.</summary>
    Errno Refusal { get; }

    /// <summary>Pins a run of pages, until it ends or a page cannot be had.</summary>
    /// <param name="offset">Bytes from <see cref="Base"/>; a multiple of 4 KiB.</param>
    /// <param name="length">Bytes; a multiple of 4 KiB.</param>
    /// <param name="writable">True to pin for writing.</param>
    PinAttempt Pin(ulong offset, ulong length, bool writable);

    /// <summary>The last mapping of the source is gone.</summary>
    void Close();
}
