using System.Globalization;
using System.Text.Json;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Recordings;

/// <summary>A line of a recording: a call, or what happened to the host in between.</summary>
/// <param name="Call">
/// The call; or, named <c>host</c>, that sysfs is another; <c>declare</c>, what an address is; <c>fail-domains</c>, that an IOMMU is out of
/// order; <c>memory</c>, that memory stands where no call put it. These four are no calls.
/// </param>
/// <param name="Host">The host from now on; null but for <c>host</c>.</param>
internal sealed record RecordedLine(KernelCall Call, SysfsTree? Host = null)
{
    /// <summary>The host's sysfs is another.</summary>
    public const string HostChanged = "host";

    /// <summary>An address of this process is said to be something.</summary>
    public const string Declared = "declare";

    /// <summary>An IOMMU makes no page tables for some time.</summary>
    public const string DomainsFail = "fail-domains";

    /// <summary>Memory stands at an address, mapped by more calls than are worth a line each.</summary>
    public const string Stands = "memory";

    /// <summary>Writes it into an object that is open.</summary>
    public void Write(Utf8JsonWriter json)
    {
        Call.WriteTo(json);
        if (!Call.Errno.IsNone)
        {
            json.WriteNumber("errnoNumber", Call.Errno.Number);
        }

        if (Call.Bytes is { } bytes)
        {
            json.WriteStartObject("ioctl");
            json.WriteNumber("request", bytes.Number);
            json.WriteBoolean("sized", bytes.HasSize);
            Write(json, "before", "after", bytes.Before, bytes.After);
            if (bytes.PointerAt >= 0)
            {
                json.WriteNumber("pointerAt", bytes.PointerAt);
                Write(json, "bufferBefore", "bufferAfter", bytes.BufferBefore, bytes.BufferAfter);
            }

            json.WriteEndObject();
        }

        if (Host is not null)
        {
            SysfsJson.Write(json, "sysfs", Host);
        }
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It is no line of a recording.</exception>
    public static RecordedLine Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var errno = Number(root, "errnoNumber") ?? 0;
            if (errno == 0 && root.TryGetProperty("errno", out var name) && Errno.TryParse(name.GetString()!, out var known))
            {
                errno = known.Number;
            }

            var call = new KernelCall(
                root.GetProperty("number").GetInt64(),
                root.GetProperty("call").GetString()!,
                root.TryGetProperty("fd", out var on) ? on.GetString() : null,
                Fields(root, "in"),
                Fields(root, "out"),
                root.GetProperty("ret").GetInt64(),
                new Errno(errno))
            {
                Bytes = root.TryGetProperty("ioctl", out var ioctl) ? Bytes(ioctl) : null,
            };
            return new RecordedLine(call, root.TryGetProperty("sysfs", out var host) ? SysfsJson.Read(host) : null);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(wrong.Message, wrong);
        }
    }

    /// <summary>The number that a descriptor had when it was recorded; null where the call has none.</summary>
    public int? Descriptor =>
        Call.Descriptor is { } text && int.TryParse(text.AsSpan(text.LastIndexOf('#') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>A number of the call's arguments, as <c>0x…</c> or decimal.</summary>
    /// <exception cref="FormatException">The line has no such number.</exception>
    public ulong Value(string key)
    {
        var text = Text(key);
        var isHex = text.StartsWith("0x", StringComparison.Ordinal);
        return ulong.TryParse(isHex ? text.AsSpan(2) : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"in.{key}: '{text}' is no number");
    }

    /// <summary>A word of the call's arguments.</summary>
    /// <exception cref="FormatException">The line has none of that name.</exception>
    public string Text(string key) => Call.Before.GetValueOrDefault(key) ?? throw new FormatException($"in.{key} is missing");

    /// <summary>A word of the call's arguments that is one of an enumeration.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public T Word<T>(string key)
        where T : struct, Enum => Enum.TryParse<T>(Text(key), out var value) ? value : throw new FormatException($"in.{key}: '{Text(key)}' is not known");

    private static void Write(Utf8JsonWriter json, string beforeKey, string afterKey, byte[]? before, byte[]? after)
    {
        if (before is null)
        {
            return;
        }

        json.WriteString(beforeKey, Convert.ToHexStringLower(before));
        if (after is not null && !before.AsSpan().SequenceEqual(after))
        {
            json.WriteString(afterKey, Convert.ToHexStringLower(after));
        }
    }

    private static CallBytes Bytes(JsonElement ioctl)
    {
        var (before, buffer) = (Hex(ioctl, "before"), Hex(ioctl, "bufferBefore"));
        return new CallBytes(ioctl.GetProperty("request").GetUInt32(), ioctl.GetProperty("sized").GetBoolean())
        {
            Before = before,
            After = Hex(ioctl, "after") ?? before,
            PointerAt = Number(ioctl, "pointerAt") ?? -1,
            BufferBefore = buffer,
            BufferAfter = Hex(ioctl, "bufferAfter") ?? buffer,
        };
    }

    private static int? Number(JsonElement element, string key) => element.TryGetProperty(key, out var value) ? value.GetInt32() : null;

    private static byte[]? Hex(JsonElement element, string key) => element.TryGetProperty(key, out var value) ? Convert.FromHexString(value.GetString()!) : null;

    private static Dictionary<string, string> Fields(JsonElement root, string key) =>
        root.TryGetProperty(key, out var fields)
            ? fields.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString() ?? "", StringComparer.Ordinal)
            : [];
}
