using System.Globalization;
using System.Text.Json;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Recordings;

/// <summary>The first line of a recording: which kernel it was, what this process might do, and the host.</summary>
/// <param name="Kernel"><c>linux</c> or <c>emulated</c>.</param>
/// <param name="Release">The kernel's release, as uname says it; empty where it is not known.</param>
/// <param name="MemlockLimit">RLIMIT_MEMLOCK in bytes; 2^64-1 for unlimited and unknown.</param>
/// <param name="HasIpcLock">CAP_IPC_LOCK.</param>
/// <param name="HasRawIo">CAP_SYS_RAWIO.</param>
/// <param name="IsInUserNamespace">Capabilities are none to the kernel at large.</param>
/// <param name="Host">The host as its sysfs showed it.</param>
internal sealed record RecordingHeader(
    string Kernel, string Release, ulong MemlockLimit, bool HasIpcLock, bool HasRawIo, bool IsInUserNamespace, SysfsTree Host)
{
    /// <summary>What every recording begins with.</summary>
    public const string Start = "{\"format\":\"vmm-recording\"";

    private const int Newest = 1;

    /// <summary>The Linux of the emulation that is nearest from below; the oldest for one that is older still, the newest for an unknown one.</summary>
    public KernelPersonality Personality => Release.Length == 0
        ? KernelPersonality.All[^1]
        : KernelPersonality.All.LastOrDefault(known => Version(known.Name) <= Version(Release)) ?? KernelPersonality.All[0];

    /// <summary>Asks a kernel.</summary>
    public static RecordingHeader Of(HostKernel kernel)
    {
        var rights = ProcessRights.Read(kernel.Proc);
        return new(
            kernel.Name,
            kernel.Proc.ReadText("sys/kernel/osrelease").Value?.Trim() ?? "",
            rights.SoftLimit ?? ulong.MaxValue,
            rights.HasIpcLock ?? false,
            rights.HasRawIo ?? true,
            rights.IsInUserNamespace,
            new SysfsTaking(kernel.Sysfs).Take());
    }

    /// <summary>Writes it into an object that is open.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("format", "vmm-recording");
        json.WriteNumber("version", Newest);
        json.WriteString("kernel", Kernel);
        json.WriteString("release", Release);
        json.WriteString("personality", Personality.Name);
        json.WriteNumber("memlock", MemlockLimit);
        json.WriteBoolean("ipcLock", HasIpcLock);
        json.WriteBoolean("rawIo", HasRawIo);
        json.WriteBoolean("userNamespace", IsInUserNamespace);
        SysfsJson.Write(json, "host", Host);
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="RecordingFormatException">It is another format's, a newer version's, or cut.</exception>
    public static RecordingHeader Read(string file, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.GetProperty("version").GetInt32() is var version && version != Newest)
            {
                throw new RecordingFormatException(
                    file, 1, $"the recording has version {version}, and this is a vmm that knows {Newest}", "replay it with the vmm that wrote it, or a newer one");
            }

            return new RecordingHeader(
                root.GetProperty("kernel").GetString()!,
                root.GetProperty("release").GetString()!,
                root.GetProperty("memlock").GetUInt64(),
                root.GetProperty("ipcLock").GetBoolean(),
                root.GetProperty("rawIo").GetBoolean(),
                root.GetProperty("userNamespace").GetBoolean(),
                SysfsJson.Read(root.GetProperty("host")));
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RecordingFormatException(file, 1, $"the first line is no whole header: {wrong.Message}", "without it no host can be built: record again", wrong);
        }
    }

    private static Version Version(string release)
    {
        var numbers = release.Split('.', '-', '+').Take(2).Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        return numbers.Length == 2 ? new(numbers[0], numbers[1]) : new(0, 0);
    }
}
