using System.Collections.Frozen;

namespace Vmm.Iommu.Results;

/// <summary>
/// A Linux error number as the kernel gave it, known here or not (drivers answer 524 and its like).
/// Numbers are those of x86 and arm64.
/// </summary>
/// <param name="Number">The positive number; 0 is no error.</param>
public readonly record struct Errno(int Number)
{
    /// <summary>No error.</summary>
    public static readonly Errno None = new(0);

    /// <summary>Operation not permitted.</summary>
    public static readonly Errno EPERM = new(1);

    /// <summary>Nothing of that name.</summary>
    public static readonly Errno ENOENT = new(2);

    /// <summary>Interrupted.</summary>
    public static readonly Errno EINTR = new(4);

    /// <summary>Input or output failed.</summary>
    public static readonly Errno EIO = new(5);

    /// <summary>No such device or address.</summary>
    public static readonly Errno ENXIO = new(6);

    /// <summary>Argument too long.</summary>
    public static readonly Errno E2BIG = new(7);

    /// <summary>Not an open descriptor.</summary>
    public static readonly Errno EBADF = new(9);

    /// <summary>Nothing there now; try later.</summary>
    public static readonly Errno EAGAIN = new(11);

    /// <summary>Out of memory, or over the locked-memory limit.</summary>
    public static readonly Errno ENOMEM = new(12);

    /// <summary>Permission denied.</summary>
    public static readonly Errno EACCES = new(13);

    /// <summary>Bad address.</summary>
    public static readonly Errno EFAULT = new(14);

    /// <summary>In use.</summary>
    public static readonly Errno EBUSY = new(16);

    /// <summary>Already there.</summary>
    public static readonly Errno EEXIST = new(17);

    /// <summary>No such device.</summary>
    public static readonly Errno ENODEV = new(19);

    /// <summary>Not a directory.</summary>
    public static readonly Errno ENOTDIR = new(20);

    /// <summary>Is a directory.</summary>
    public static readonly Errno EISDIR = new(21);

    /// <summary>Invalid argument.</summary>
    public static readonly Errno EINVAL = new(22);

    /// <summary>Too many open descriptors.</summary>
    public static readonly Errno EMFILE = new(24);

    /// <summary>The descriptor knows no such request.</summary>
    public static readonly Errno ENOTTY = new(25);

    /// <summary>No room left.</summary>
    public static readonly Errno ENOSPC = new(28);

    /// <summary>Out of range.</summary>
    public static readonly Errno ERANGE = new(34);

    /// <summary>Would deadlock.</summary>
    public static readonly Errno EDEADLOCK = new(35);

    /// <summary>A loop of symbolic links.</summary>
    public static readonly Errno ELOOP = new(40);

    /// <summary>An answer that breaks the interface's own rules; ours, where a kernel's struct contradicts itself.</summary>
    public static readonly Errno EPROTO = new(71);

    /// <summary>Value too large: an end past 2^64-1.</summary>
    public static readonly Errno EOVERFLOW = new(75);

    /// <summary>A descriptor of the wrong kind.</summary>
    public static readonly Errno EBADFD = new(77);

    /// <summary>Too many users.</summary>
    public static readonly Errno EUSERS = new(87);

    /// <summary>The buffer is too small for the answer.</summary>
    public static readonly Errno EMSGSIZE = new(90);

    /// <summary>Not supported.</summary>
    public static readonly Errno EOPNOTSUPP = new(95);

    /// <summary>Address in use.</summary>
    public static readonly Errno EADDRINUSE = new(98);

    /// <summary>Messages were lost: the receiver was too slow.</summary>
    public static readonly Errno ENOBUFS = new(105);

    /// <summary>The memory has a hardware error.</summary>
    public static readonly Errno EHWPOISON = new(133);

    /// <summary>The kernel's own ENOTSUPP, which escapes to user space from some drivers.</summary>
    public static readonly Errno ENOTSUPP = new(524);

    private static readonly FrozenDictionary<int, (string Name, string Meaning)> Known = new Dictionary<int, (string, string)>
    {
        [1] = ("EPERM", "not permitted"),
        [2] = ("ENOENT", "nothing of that name"),
        [4] = ("EINTR", "interrupted"),
        [5] = ("EIO", "input or output failed"),
        [6] = ("ENXIO", "no such device or address"),
        [7] = ("E2BIG", "argument too long"),
        [9] = ("EBADF", "not an open descriptor"),
        [11] = ("EAGAIN", "nothing there now"),
        [12] = ("ENOMEM", "out of memory, or over the locked-memory limit"),
        [13] = ("EACCES", "permission denied"),
        [14] = ("EFAULT", "bad address"),
        [16] = ("EBUSY", "in use"),
        [17] = ("EEXIST", "already there"),
        [19] = ("ENODEV", "no such device"),
        [20] = ("ENOTDIR", "not a directory"),
        [21] = ("EISDIR", "is a directory"),
        [22] = ("EINVAL", "invalid argument"),
        [24] = ("EMFILE", "too many open descriptors"),
        [25] = ("ENOTTY", "no such request on this descriptor"),
        [28] = ("ENOSPC", "no room left"),
        [34] = ("ERANGE", "out of range"),
        [35] = ("EDEADLOCK", "would deadlock"),
        [40] = ("ELOOP", "loop of symbolic links"),
        [71] = ("EPROTO", "an answer that contradicts itself"),
        [75] = ("EOVERFLOW", "value too large"),
        [77] = ("EBADFD", "descriptor of the wrong kind"),
        [87] = ("EUSERS", "too many users"),
        [90] = ("EMSGSIZE", "buffer too small"),
        [95] = ("EOPNOTSUPP", "not supported"),
        [98] = ("EADDRINUSE", "address in use"),
        [105] = ("ENOBUFS", "messages were lost"),
        [133] = ("EHWPOISON", "memory has a hardware error"),
        [524] = ("ENOTSUPP", "not supported by the driver"),
    }.ToFrozenDictionary();

    /// <summary>True when there is no error.</summary>
    public bool IsNone => Number == 0;

    /// <summary>The symbolic name, or <c>errno N</c> for a number without one here.</summary>
    public string Name => Number == 0 ? "0" : Known.TryGetValue(Number, out var known) ? known.Name : $"errno {Number}";

    /// <summary>A few words on what it means, or "unknown error".</summary>
    public string Meaning => Number == 0 ? "no error" : Known.TryGetValue(Number, out var known) ? known.Meaning : "unknown error";

    /// <summary>An errno by its symbolic name; false when the name is not known here.</summary>
    public static bool TryParse(string name, out Errno errno)
    {
        foreach (var (number, known) in Known)
        {
            if (string.Equals(known.Name, name, StringComparison.Ordinal))
            {
                errno = new(number);
                return true;
            }
        }

        errno = None;
        return false;
    }

    /// <summary>Name, number and meaning: <c>EINVAL (22, invalid argument)</c>.</summary>
    public override string ToString() => Number == 0 ? "0" : $"{Name} ({Number}, {Meaning})";
}
