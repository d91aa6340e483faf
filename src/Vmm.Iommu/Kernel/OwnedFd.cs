using System.Globalization;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>
/// A descriptor with one owner, who closes it once: a second close is impossible, so a number that the kernel has given to
/// somebody else in the meantime is never closed. There is no finalizer: a forgotten descriptor stays open and shows in a count.
/// </summary>
public sealed class OwnedFd
{
    private const int Closed = -1;

    private readonly IDevices _devices;
    private int _descriptor;

    /// <summary>Takes a descriptor over.</summary>
    /// <param name="devices">Where it was opened, and is closed.</param>
    /// <param name="descriptor">The descriptor; not negative.</param>
    /// <param name="role">What it is for: <c>container</c>, <c>group</c>, <c>device</c>.</param>
    /// <param name="path">What it was opened as: <c>/dev/vfio/6</c>, or a device's name.</param>
    public OwnedFd(IDevices devices, int descriptor, string role, string path)
    {
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentOutOfRangeException.ThrowIfNegative(descriptor);
        _devices = devices;
        _descriptor = descriptor;
        Role = role;
        Path = path;
    }

    /// <summary>What it is for.</summary>
    public string Role { get; }

    /// <summary>What it was opened as.</summary>
    public string Path { get; }

    /// <summary>
    /// The number, and -1 after the close: a late call answers EBADF. Who may still be in a call while another thread closes
    /// is for the owner to order, as with every descriptor.
    /// </summary>
    // ORDERING: pairs with the exchange in Close; a reader sees the number or -1.
    public int Number => Volatile.Read(ref _descriptor);

    /// <summary>True once the owner has closed it.</summary>
    public bool IsClosed => Number == Closed;

    /// <summary>Opens a node and owns it.</summary>
    /// <returns>The descriptor, or the errno of open(2).</returns>
    public static SysResult<OwnedFd> Open(IDevices devices, string role, string path)
    {
        ArgumentNullException.ThrowIfNull(devices);
        var opened = devices.Open(path);
        return opened.IsOk ? new OwnedFd(devices, opened.Descriptor, role, path) : opened.Errno;
    }

    /// <summary>Closes it; the second and later calls do nothing and answer success.</summary>
    /// <returns>
    /// What close(2) answered. The number is given up even where that is an errno: Linux frees it before it reports.
    /// </returns>
    public SysResult Close()
    {
        // ORDERING: pairs with the read in Number; of several closers exactly one gets the number.
        var descriptor = Interlocked.Exchange(ref _descriptor, Closed);
        return descriptor == Closed ? SysResult.Ok : _devices.Close(descriptor);
    }

    /// <summary>Role, path and number.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Role} {Path} ({(IsClosed ? "closed" : $"fd {Number}")})");
}
