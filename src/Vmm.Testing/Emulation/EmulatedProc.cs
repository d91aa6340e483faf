using System.Globalization;
using System.Text;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

/// <summary>
/// The part of /proc that tells of limits, rights, descriptors and the kernel's release, as the options and the open descriptors
/// of the emulated kernel have it. A descriptor is this process's own unless it was opened for another.
/// </summary>
internal sealed class EmulatedProc(Lock gate, KernelState state) : IProc
{
    private const string Self = "self";
    private readonly Dictionary<int, (int Process, string Command)> _elsewhere = [];

    /// <summary>Lets a descriptor be another process's.</summary>
    public void GiveTo(int descriptor, int process, string command) => _elsewhere[descriptor] = (process, command);

    /// <inheritdoc/>
    public SysResult<IReadOnlyList<string>> List(string path)
    {
        lock (gate)
        {
            if (path.Length == 0)
            {
                return Sorted([Self, .. Holders().Select(holder => Text(holder.Process)).Append(Text(Environment.ProcessId)).Distinct()]);
            }

            return path.Split('/') is [var name, "fd"] && ProcessOf(name) is { } process ? Sorted([.. DescriptorsOf(process).Select(Text)]) : Errno.ENOENT;
        }
    }

    /// <inheritdoc/>
    public SysResult<string> ReadText(string path)
    {
        lock (gate)
        {
            return path switch
            {
                "sys/kernel/osrelease" => $"{state.Options.Personality.Name}.0-emulated\n",
                "self/limits" => Limits(),
                "self/status" => Status(),
                "self/uid_map" => state.Options.IsInUserNamespace ? "         0     100000      65536\n" : "         0          0 4294967295\n",
                _ when path.Split('/') is [var name, "comm"] && ProcessOf(name) is { } process => CommandOf(process) + "\n",
                _ => Errno.ENOENT,
            };
        }
    }

    /// <inheritdoc/>
    public SysResult<string> ReadLink(string path)
    {
        lock (gate)
        {
            if (path == Self)
            {
                return Text(Environment.ProcessId);
            }

            return path.Split('/') is [var name, "fd", var number]
                && ProcessOf(name) is { } process
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor)
                    ? LinkOf(process, descriptor)
                    : Errno.ENOENT;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static SysResult<IReadOnlyList<string>> Sorted(List<string> names)
    {
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private int? ProcessOf(string name)
    {
        if (name == Self)
        {
            return Environment.ProcessId;
        }

        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && (number == Environment.ProcessId || Holders().Any(holder => holder.Process == number))
                ? number
                : null;
    }

    // A descriptor that is closed takes its process with it.
    private IEnumerable<(int Process, string Command)> Holders() =>
        _elsewhere.Where(pair => state.Files[pair.Key] is not null).Select(pair => pair.Value);

    private string CommandOf(int process) =>
        Holders().Where(holder => holder.Process == process).Select(holder => holder.Command).FirstOrDefault("vmm");

    private int OwnerOf(int descriptor) =>
        _elsewhere.TryGetValue(descriptor, out var holder) ? holder.Process : Environment.ProcessId;

    private IEnumerable<int> DescriptorsOf(int process) =>
        state.Files.Files.Select(pair => pair.Key).Where(descriptor => OwnerOf(descriptor) == process);

    private SysResult<string> LinkOf(int process, int descriptor)
    {
        if (state.Files[descriptor] is { } file)
        {
            return OwnerOf(descriptor) != process ? Errno.ENOENT
                : file is DeviceFile ? "anon_inode:[vfio-device]"
                : file.Path.StartsWith('/') ? file.Path
                : $"anon_inode:[{file.Path}]";
        }

        // What the emulated kernel did not open is a descriptor of the machine.
        return process == Environment.ProcessId && new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget is { } link ? link : Errno.ENOENT;
    }

    private string Limits()
    {
        var limit = state.Options.MemlockLimit == ulong.MaxValue ? "unlimited" : $"{state.Options.MemlockLimit}";
        return $"""
            Limit                     Soft Limit           Hard Limit           Units     
            Max open files            1024                 524288               files     
            Max locked memory         {limit,-20} {limit,-20} bytes     
            Max address space         unlimited            unlimited            bytes     

            """;
    }

    /// <summary>KERNEL: CAP_IPC_LOCK is bit 14, CAP_SYS_RAWIO bit 17, CAP_SYS_RESOURCE bit 24.</summary>
    private string Status()
    {
        var rights = (state.Options.HasIpcLock ? 1UL << 14 : 0) | (state.Options.HasRawIo ? 1UL << 17 : 0) | (state.Options.HasSysResource ? 1UL << 24 : 0);
        return new StringBuilder("Name:\tvmm\n")
            .Append(CultureInfo.InvariantCulture, $"VmLck:\t{state.Locked.Pages * 4,8} kB\n")
            .Append(CultureInfo.InvariantCulture, $"VmPin:\t{state.PinnedPages * 4,8} kB\n")
            .Append(CultureInfo.InvariantCulture, $"CapEff:\t{rights:x16}\n")
            .ToString();
    }
}
