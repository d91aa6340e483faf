using System.Globalization;
using System.Text;
using Vmm.Actors;
using Vmm.Iommu.Planning;

namespace Vmm.Hosting;

/// <summary>Every key of the configuration, once: <c>configs/vmm.json</c>, <c>vmm serve --help</c> and the checks are made of this table.</summary>
public static class VmmOptionKeys
{
    private const string DurationShape = "hours:minutes:seconds";

    /// <summary>The keys, in the order of the file.</summary>
    public static IReadOnlyList<VmmOptionKey> All { get; } =
    [
        new("kernel", "linux | emulated", "\"emulated\"", HasDefault: false, "Which kernel to run on. Must be written.", SetKernel),
        new(
            "host",
            "path",
            "\"hosts/q35-vtd.tar.gz\"",
            HasDefault: false,
            "Only for the emulated kernel: a captured sysfs, as directory or tar.gz; relative to this file.",
            SetHost),
        new(
            "commandTimeout",
            DurationShape,
            "\"00:10:00\"",
            HasDefault: true,
            "How long an attach, a detach or a view may take before it is taken back.",
            (options, text) => SetDuration(text, UpToADay, value => options.CommandTimeout = value)),
        new(
            "stopTimeout",
            DurationShape,
            "\"00:01:00\"",
            HasDefault: true,
            "How long the release of everything may take at the end.",
            (options, text) => SetDuration(text, UpToADay, value => options.StopTimeout = value)),
        new("mode", "steady | qemu", "\"steady\"", HasDefault: true, "What the kernel is asked for: steady never unmaps memory that stays; qemu asks exactly what QEMU asks.", SetMode),
        new("backend", "auto | type1 | iommufd", "\"auto\"", HasDefault: true, "By which path of the kernel devices are opened: auto takes type1 where there is /dev/vfio/vfio, else iommufd.", SetBackend),
        new(
            "populate",
            "true | false",
            "true",
            HasDefault: true,
            "Populate the guest's memory by as many threads as there are cores before it is pinned; not in mode qemu.",
            (options, text) => SetFlag(text, value => options.Populate = value)),
        new("ringCapacity", "number", "1023", HasDefault: true, "Requests that a container's ring holds, 1 to 1048576.", SetRingCapacity),
        new("watchHost", "true | false", "true", HasDefault: true, "Listen to uevents and scan the host again after them.", (options, text) => SetFlag(text, value => options.WatchHost = value)),
        new(
            "rescanDelay",
            DurationShape,
            "\"00:00:00.2\"",
            HasDefault: true,
            "Quiet time after a uevent before the host is scanned; at most 10 seconds.",
            (options, text) => SetDuration(text, UpToTenSeconds, value => options.RescanDelay = value)),
    ];

    /// <summary>The key of a name; null when there is none.</summary>
    /// <param name="name">The name, in any case.</param>
    public static VmmOptionKey? Find(string name) =>
        All.FirstOrDefault(key => string.Equals(key.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The names, for an error that says what is right.</summary>
    public static string Names => string.Join(", ", All.Select(key => key.Name));

    /// <summary>The whole of <c>configs/vmm.json</c>: every key, its default, and a comment.</summary>
    public static string ToJson()
    {
        var text = new StringBuilder("// Every key of vmm serve. Comments are allowed; a key that is not here is refused.\n{\n");
        for (var i = 0; i < All.Count; i++)
        {
            var key = All[i];
            text.Append(CultureInfo.InvariantCulture, $"  // {key.Meaning} {Written(key)}\n");
            text.Append(CultureInfo.InvariantCulture, $"  \"{key.Name}\": {key.Sample}{(i < All.Count - 1 ? "," : "")}\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>What a key takes and what it is when left out, in brackets.</summary>
    /// <param name="key">The key.</param>
    public static string Written(VmmOptionKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.HasDefault ? $"({key.Shape}; default {key.Sample})" : $"({key.Shape}; no default)";
    }

    private static string? SetKernel(VmmOptions options, string text)
    {
        if (text is not ("linux" or "emulated"))
        {
            return $"'{text}' is no kernel; write linux or emulated";
        }

        options.Kernel = text;
        return null;
    }

    private static string? SetHost(VmmOptions options, string text)
    {
        if (text.Length == 0)
        {
            return "the path is empty; write the path of a captured sysfs";
        }

        options.Host = text;
        return null;
    }

    private static string? SetMode(VmmOptions options, string text)
    {
        if (text is not ("steady" or "qemu"))
        {
            return $"'{text}' is no mode; write steady or qemu";
        }

        options.Mode = text == "qemu" ? MappingPlanMode.Qemu : MappingPlanMode.Steady;
        return null;
    }

    private static string? SetBackend(VmmOptions options, string text)
    {
        if (text is not ("auto" or "type1" or "iommufd"))
        {
            return $"'{text}' is no backend; write auto, type1 or iommufd";
        }

        options.Backend = text switch
        {
            "type1" => BackendChoice.Type1,
            "iommufd" => BackendChoice.Iommufd,
            _ => BackendChoice.Auto,
        };
        return null;
    }

    private static string? SetRingCapacity(VmmOptions options, string text)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value is < 1 or > 1 << 20)
        {
            return $"'{text}' is not a whole number from 1 to 1048576; write 1024";
        }

        options.RingCapacity = value;
        return null;
    }

    private static string? SetFlag(string text, Action<bool> set)
    {
        if (!bool.TryParse(text, out var value))
        {
            return $"'{text}' is neither true nor false; write one of them";
        }

        set(value);
        return null;
    }

    private static string? SetDuration(string text, Func<TimeSpan, string?> check, Action<TimeSpan> set)
    {
        // A bare number would be taken for days.
        if (!text.Contains(':', StringComparison.Ordinal) || !TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value))
        {
            return $"'{text}' is no duration; write {DurationShape}, such as 00:00:30";
        }

        if (check(value) is { } wrong)
        {
            return $"'{text}' {wrong}";
        }

        set(value);
        return null;
    }

    // Timers end at 49 days; a day is more than any wait that somebody meant.
    private static string? UpToADay(TimeSpan value) =>
        value <= TimeSpan.Zero ? "is not above zero; write a time that work can be done in, such as 00:01:00"
        : value > TimeSpan.FromDays(1) ? "is above a day; write at most 1.00:00:00"
        : null;

    private static string? UpToTenSeconds(TimeSpan value) =>
        value >= TimeSpan.Zero && value <= TimeSpan.FromSeconds(10) ? null : "is not between 0 and 10 seconds; write such as 00:00:00.2";
}
