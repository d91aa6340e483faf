using Vmm.Iommu.Kernel;

namespace Vmm.Contract.Hosts;

/// <summary>
/// What this machine has of what tests want. VMM_REQUIRE names what must be there (<c>type1</c>, <c>iommufd</c>, <c>noiommu</c>):
/// a test fails then where it is skipped elsewhere. VMM_DEVICES names the devices by role; guest/devices of the lab does.
/// </summary>
internal static class Machine
{
    public const string Type1 = "type1";
    public const string Iommufd = "iommufd";
    public const string NoIommu = "noiommu";

    private static readonly HashSet<string> Required = Words("VMM_REQUIRE", ',').ToHashSet();

    /// <summary>The devices: role and addresses.</summary>
    public static IReadOnlyDictionary<string, string[]> Devices { get; } =
        Words("VMM_DEVICES", ' ').Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[^1].Split('+'));

    /// <summary>Skips the test, or fails it where the lab has promised what is missing.</summary>
    public static void Needs(string what)
    {
        if (Missing(what) is not { } reason)
        {
            return;
        }

        Assert.False(Required.Contains(what), $"VMM_REQUIRE names {what}, but {reason}");
        Skip.If(condition: true, reason);
    }

    private static string? Missing(string what)
    {
        var node = what == Iommufd ? "/dev/iommu" : "/dev/vfio/vfio";
        var opened = OwnedFd.Open(new LinuxKernel(), "probe", node);
        if (!opened.IsOk)
        {
            return $"{node} cannot be opened: {opened.Errno}";
        }

        var closed = opened.Value.Close();
        return !closed.IsOk ? $"{node} cannot be closed: {closed.Errno}"
            : Devices.Count == 0 ? "VMM_DEVICES names no devices that tests may use (tests/Vmm.Lab/run does)"
            : what == NoIommu && !Devices.ContainsKey("unprotected") ? "VMM_DEVICES names no device behind no IOMMU (unprotected=ADDRESS)"
            : null;
    }

    private static string[] Words(string variable, char separator) =>
        (Environment.GetEnvironmentVariable(variable) ?? "").Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
