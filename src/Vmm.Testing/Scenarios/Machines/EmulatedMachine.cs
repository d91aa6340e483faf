using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;
using Vmm.Testing.Recordings;
using Vmm.Testing.Scenarios.Running;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>The machine that a scenario describes, on the emulated kernel.</summary>
internal sealed class EmulatedMachine : IScenarioMachine
{
    private readonly EmulatedKernel _kernel;
    private readonly RecordingFile? _recording;

    /// <param name="script">The machine.</param>
    /// <param name="recording">Takes the kernel's calls and what else it is told; or null.</param>
    internal EmulatedMachine(HostScript script, RecordingFile? recording)
    {
        _kernel = new EmulatedKernel(ScenarioHost.Build(script), ScenarioHost.OptionsOf(script));
        _recording = recording;
        Kernel = recording?.Record(_kernel.ToHostKernel()) ?? _kernel.ToHostKernel();
    }

    public HostKernel Kernel { get; }

    public bool Populates => true;

    public RamBlock Allocate(string name, ulong length, SectionBacking backing)
    {
        var block = RamBlock.Allocate(Kernel.Memory, name, length);
        AddressKind? kind = backing switch
        {
            SectionBacking.ReadOnlyMemory => AddressKind.ReadOnly,
            SectionBacking.DeviceMemory => AddressKind.PfnMap,
            SectionBacking.Nothing => AddressKind.Absent,
            _ => null,
        };
        if (kind is { } declared)
        {
            _kernel.Declare(block.Address, block.Length, declared);
            _recording?.Note(
                RecordedLine.Declared,
                new(StringComparer.Ordinal) { ["address"] = $"{block.Address}", ["length"] = $"0x{block.Length:x}", ["kind"] = $"{declared}" });
        }

        return block;
    }

    public (string Words, Errno Errno) Change(HostChange change)
    {
        var said = ScenarioHost.Change(_kernel.Host, change);
        if (change is HostChange.FailDomains fail)
        {
            // Nothing of it shows in sysfs.
            _recording?.Note(
                RecordedLine.DomainsFail,
                new(StringComparer.Ordinal) { ["iommu"] = fail.Iommu, ["errno"] = $"{fail.Errno.Number}", ["times"] = $"{fail.Times}" });
        }

        return said;
    }

    public DmaAnswer DmaWrite(DmaTarget target, ReadOnlySpan<byte> bytes) => Of(_kernel.DmaWrite(target.Device, target.Iova, bytes));

    public DmaAnswer DmaRead(DmaTarget target, Span<byte> bytes) => Of(_kernel.DmaRead(target.Device, target.Iova, bytes));

    public KernelHoldings Held()
    {
        var census = _kernel.Census();
        return new KernelHoldings(census.Mappings.Sum() + census.Areas, census.Contexts > 0 ? null : census.AttachedGroups, census.OpenDevices);
    }

    public MachineRemains Remains()
    {
        _recording?.EndWatch();
        var census = _kernel.Census();
        return new MachineRemains(census.Descriptors, census.Mappings.Sum() + census.Areas, census.IsEmpty, census.ToString());
    }

    public void Dispose() => _kernel.Dispose();

    private static DmaAnswer Of(DmaOutcome outcome) => new(outcome.IsCompleted ? StepOutcome.Done : StepOutcome.DmaFault, outcome.ToString());
}
