using System.Globalization;
using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Topology;

/// <summary>
/// What this process may lock and do, as /proc says now. A limit can be raised while the process runs (prlimit), so it is read
/// each time that it matters. What cannot be read is null: unknown, never a reason to refuse.
/// </summary>
public sealed record ProcessRights
{
    private const int IpcLock = 14;
    private const int RawIo = 17;

    /// <summary>RLIMIT_MEMLOCK that holds, in bytes; 2^64-1 for unlimited.</summary>
    public ulong? SoftLimit { get; init; }

    /// <summary>What an unprivileged process may raise it to, in bytes; 2^64-1 for unlimited.</summary>
    public ulong? HardLimit { get; init; }

    /// <summary>Bytes that count against the limit already (VmLck).</summary>
    public ulong? Locked { get; init; }

    /// <summary>Bytes that the kernel pinned for its own accesses (VmPin), as iommufd does when it charges the process.</summary>
    public ulong? Pinned { get; init; }

    /// <summary>CAP_IPC_LOCK, as far as the kernel at large honours it: locked memory is counted and not limited.</summary>
    public bool? HasIpcLock { get; init; }

    /// <summary>CAP_SYS_RAWIO, as far as the kernel at large honours it: groups without an IOMMU may be used.</summary>
    public bool? HasRawIo { get; init; }

    /// <summary>True in a user namespace, where capabilities are none to VFIO.</summary>
    public bool IsInUserNamespace { get; init; }

    /// <summary>True when no amount of locked memory is refused.</summary>
    public bool IsUnlimited => HasIpcLock == true || SoftLimit == ulong.MaxValue;

    /// <summary>Reads them.</summary>
    public static ProcessRights Read(IProc proc)
    {
        ArgumentNullException.ThrowIfNull(proc);
        var limits = Field(proc, "self/limits", "Max locked memory");
        var capabilities = Field(proc, "self/status", "CapEff:") is [var bits] && ulong.TryParse(bits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var set)
            ? set
            : (ulong?)null;
        var isInUserNamespace = IsMapped(proc);
        return new ProcessRights
        {
            SoftLimit = limits is [var soft, ..] ? Bytes(soft) : null,
            HardLimit = limits is [_, var hard, ..] ? Bytes(hard) : null,
            Locked = Counter(proc, "VmLck:"),
            Pinned = Counter(proc, "VmPin:"),
            HasIpcLock = Has(capabilities, IpcLock, isInUserNamespace),
            HasRawIo = Has(capabilities, RawIo, isInUserNamespace),
            IsInUserNamespace = isInUserNamespace,
        };
    }

    // KERNEL: VFIO asks for capabilities in the first user namespace; those of another one are none.
    private static bool? Has(ulong? capabilities, int bit, bool isInUserNamespace) =>
        capabilities is { } set ? !isInUserNamespace && ((set >> bit) & 1) != 0 : null;

    private static ulong? Counter(IProc proc, string name) =>
        Field(proc, "self/status", name) is [var kibibytes, ..] && ulong.TryParse(kibibytes, CultureInfo.InvariantCulture, out var count) ? count << 10 : null;

    /// <summary>True unless every user is itself: only the first namespace maps all of them to themselves.</summary>
    private static bool IsMapped(IProc proc)
    {
        var map = proc.ReadText("self/uid_map");
        return map.IsOk && map.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not ["0", "0", "4294967295"];
    }

    private static ulong? Bytes(string text) =>
        text == "unlimited" ? ulong.MaxValue : ulong.TryParse(text, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;

    /// <summary>The words after a name that begins a line; null when there is none.</summary>
    private static string[]? Field(IProc proc, string path, string name)
    {
        var read = proc.ReadText(path);
        var line = read.IsOk ? read.Value.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) : null;
        return line?[name.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }
}
