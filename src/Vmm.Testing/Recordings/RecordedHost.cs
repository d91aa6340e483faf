using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Recordings;

/// <summary>Builds the emulated host of a recording.</summary>
internal static class RecordedHost
{
    private const string Groups = "kernel/iommu_groups";
    private const string Iommus = "class/iommu";

    /// <summary>The host that a tree of sysfs shows; the tree stays as it is.</summary>
    /// <exception cref="HostLoadException">The tree contradicts itself.</exception>
    public static EmulatedHost Load(string file, SysfsTree tree)
    {
        // A host changes its tree, and a recording is replayed as often as somebody likes.
        tree = SysfsJson.Copy(tree);
        tree.AddDirectory(Groups);
        foreach (var group in tree.Names(Groups).Where(group => !tree.Has($"{Groups}/{group}/reserved_regions")))
        {
            // A kernel without that file reserves all the same, and does not say what.
            tree.AddAttribute($"{Groups}/{group}/reserved_regions", "");
        }

        var host = new HostLoader(file, tree).Load();
        foreach (var name in tree.Names(Iommus).Where(name => host.Units.All(unit => unit.Name != name)))
        {
            host.AddUnit(name, IommuUnit.KindOf(name));
        }

        host.AllowsUnsafeNoIommu = IsOn(tree, ModuleParameters.UnsafeNoIommuFile);
        return host;
    }

    /// <summary>What a kernel could do and its process might, as the header says.</summary>
    public static EmulatedKernelOptions OptionsOf(RecordingHeader header)
    {
        var options = new EmulatedKernelOptions
        {
            Personality = header.Personality,
            MemlockLimit = header.MemlockLimit,
            HasIpcLock = header.HasIpcLock,
            HasRawIo = header.HasRawIo,
            IsInUserNamespace = header.IsInUserNamespace,
        };
        SetParameters(options, header.Host);
        return options;
    }

    /// <summary>Parameters of modules, which an administrator may write at any time.</summary>
    public static void SetParameters(EmulatedKernelOptions options, SysfsTree tree)
    {
        options.AllowUnsafeInterrupts = IsOn(tree, ModuleParameters.UnsafeInterruptsFile);
        options.AllowUnsafeInterruptsOfIommufd = IsOn(tree, ModuleParameters.IommufdUnsafeInterruptsFile);
        if (uint.TryParse(tree.TextOrNull(ModuleParameters.DmaEntryLimitFile), out var limit))
        {
            options.DmaEntryLimit = limit;
        }
    }

    private static bool IsOn(SysfsTree tree, string parameter) => tree.TextOrNull(parameter) is "Y" or "1";
}
