using System.Globalization;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;
using Vmm.Lab.Machine;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Running;

/// <summary>The running kernel, and an emulated one on a twin of the machine.</summary>
internal sealed class LinuxBench : Bench
{
    private readonly EmulatedKernel _emulated;

    public LinuxBench(HostKernel linux, MachineDescription machine, Arena arena)
    {
        var entryLimit = linux.Sysfs.ReadText(LinuxLimits.EntryLimitPath) is { IsOk: true, Value: { } text }
            ? uint.Parse(text, CultureInfo.InvariantCulture)
            : ushort.MaxValue;
        _emulated = new EmulatedKernel(EmulatedTwin.Build(machine), TwinOptions.Of(ProcessRights.Read(linux.Proc), entryLimit, machine.AllowsUnsafeInterrupts));
        arena.DeclareTo(_emulated);
        First = new Side(linux, arena, machine.Shape, new LinuxLimits(linux));
        Second = new Side(_emulated.ToHostKernel(), arena, machine.Shape, new EmulatedLimits(_emulated));
    }

    /// <inheritdoc/>
    public override Side First { get; }

    /// <inheritdoc/>
    public override Side Second { get; }

    /// <inheritdoc/>
    public override void Dispose() => _emulated.Dispose();
}
