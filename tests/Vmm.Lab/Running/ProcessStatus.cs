using System.Globalization;
using Vmm.Iommu.Kernel;

namespace Vmm.Lab.Running;

/// <summary>What /proc tells of this process on either side.</summary>
internal static class ProcessStatus
{
    private const string Locked = "VmLck:";
    private const int KilobytesInPage = 4;

    /// <summary>Pages of 4 KiB that are charged to the process. KERNEL: an iommufd charges the user, which nobody can see here.</summary>
    public static long LockedPages(IProc proc)
    {
        var text = proc.ReadText("self/status").Value.AsSpan();
        var at = text.IndexOf(Locked, StringComparison.Ordinal);
        if (at < 0)
        {
            return 0;
        }

        var rest = text[(at + Locked.Length)..].TrimStart();
        return long.Parse(rest[..rest.IndexOf(' ')], CultureInfo.InvariantCulture) / KilobytesInPage;
    }
}
