using Real = System.Threading.Monitor;

namespace Vmm.Litmus.Sites;

/// <summary>In place of the class of that name in the domain's sources: whoever sleeps holds nothing back.</summary>
internal static class Monitor
{
    public static void Wait(object monitor)
    {
        Racer.Mine.Release();
        Real.Wait(monitor);
    }

    public static void PulseAll(object monitor)
    {
        Racer.Mine.Release();
        Real.PulseAll(monitor);
    }
}
