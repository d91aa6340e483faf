using System.Globalization;

namespace Vmm.Contract.Hosts;

/// <summary>What /proc says that is locked and pinned of this process's memory.</summary>
internal static class LockedPages
{
    private const int KilobytesInPage = 4;

    /// <summary>The two counters, in pages of 4 KiB.</summary>
    public static (long Locked, long Pinned) Of(IContractHost host)
    {
        var status = host.Kernel.Proc.ReadText("self/status");
        Assert.True(status.IsOk, $"/proc/self/status: {status.Errno}");
        return (Read(status.Value, "VmLck:"), Read(status.Value, "VmPin:"));
    }

    private static long Read(string status, string name)
    {
        var line = status.Split('\n').Single(text => text.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / KilobytesInPage;
    }
}
