using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks.Soaking;

/// <summary>
/// Hands every call on, but lets about one ioctl in a thousand fail, before its effect or after it. None of the calls that a soak makes
/// gives a descriptor away, so nothing has to be taken back. Thread-safe.
/// </summary>
/// <param name="inner">The kernel.</param>
/// <param name="seed">Where chance comes from; which thread makes the n-th call is the machine's.</param>
internal sealed class SoakFaults(IDevices inner, int seed) : IDevices
{
    private const ulong OneIn = 1000;

    // KERNEL: ENOENT says that nothing is there, which the code believes: a fault does not lie so.
    private static readonly Errno[] Errnos =
        [Errno.EIO, Errno.EINTR, Errno.ENOMEM, Errno.EFAULT, Errno.EBUSY, Errno.EINVAL, Errno.ENODEV, Errno.EAGAIN, Errno.ENOSPC];

    private long _calls;
    private long _before;
    private long _after;
    private volatile bool _isOn;

    /// <summary>True while calls fail.</summary>
    public bool IsOn
    {
        get => _isOn;
        set => _isOn = value;
    }

    /// <summary>Ioctls so far.</summary>
    // ORDERING: a count to be looked at.
    public long Calls => Volatile.Read(ref _calls);

    /// <summary>Ioctls that failed before their effect.</summary>
    // ORDERING: as above.
    public long Before => Volatile.Read(ref _before);

    /// <summary>Ioctls that were done, and said that they failed.</summary>
    // ORDERING: as above.
    public long After => Volatile.Read(ref _after);

    public SysResult Open(string path) => inner.Open(path);

    public SysResult Close(int descriptor) => inner.Close(descriptor);

    public SysResult CreateEvent() => inner.CreateEvent();

    public SysResult Ioctl(int descriptor, IoctlCode request, ulong value)
    {
        var fault = Next();
        return fault.IsBefore ? fault.Errno : Told(fault, inner.Ioctl(descriptor, request, value));
    }

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument)
    {
        var fault = Next();
        return fault.IsBefore ? fault.Errno : Told(fault, inner.Ioctl(descriptor, request, argument));
    }

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer)
    {
        var fault = Next();
        return fault.IsBefore ? fault.Errno : Told(fault, inner.Ioctl(descriptor, request, argument, pointerAt, buffer));
    }

    /// <summary>What becomes of the n-th call. Pure.</summary>
    internal static Fault FaultOf(int seed, long call)
    {
        var mixed = ((ulong)call + ((ulong)(uint)seed << 32)) * 0x9e37_79b9_7f4a_7c15;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58_476d_1ce4_e5b9;
        mixed ^= mixed >> 27;
        if (mixed % OneIn != 0)
        {
            return default;
        }

        var errno = Errnos[(mixed >> 20) % (ulong)Errnos.Length];

        // KERNEL: a limit is met before anything is done, and the code believes that too.
        return new Fault(errno, errno == Errno.ENOSPC || (mixed >> 50) % 2 == 0);
    }

    private Fault Next()
    {
        // ORDERING: of several that call at once each has a number of its own.
        var fault = _isOn ? FaultOf(seed, Interlocked.Increment(ref _calls)) : default;
        if (fault.IsBefore)
        {
            // ORDERING: a count.
            Interlocked.Increment(ref _before);
        }

        return fault;
    }

    private SysResult Told(Fault fault, SysResult result)
    {
        if (fault.Errno.IsNone || !result.IsOk)
        {
            return result;
        }

        // ORDERING: a count.
        Interlocked.Increment(ref _after);
        return fault.Errno;
    }

    /// <summary>What a call answers instead; no errno where it does not fail.</summary>
    internal readonly record struct Fault(Errno Errno, bool IsBefore);
}
