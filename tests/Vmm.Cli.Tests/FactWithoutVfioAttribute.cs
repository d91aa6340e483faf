namespace Vmm.Cli.Tests;

/// <summary>A test of what happens on a machine without VFIO; shown as skipped where there is one with it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithoutVfioAttribute : FactAttribute
{
    public FactWithoutVfioAttribute()
    {
        if (File.Exists("/dev/vfio/vfio"))
        {
            Skip = "this machine has /dev/vfio/vfio";
        }
    }
}
