using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Contract.Hosts;

/// <summary>The kernel that this process runs on, with the devices that VMM_DEVICES names.</summary>
internal sealed class LinuxContractHost : IContractHost
{
    private static readonly Lazy<ulong> Aperture = new(ProbeLast);
    private static readonly Lazy<HostTopology> Read = new(() => new SysfsTopologyReader(new DirectorySysfs("/sys")).Read(1));

    public HostKernel Kernel { get; } = LinuxKernel.Create();

    /// <summary>Asked once, before a test holds the group.</summary>
    public ulong LastIova { get; } = Aperture.Value;

    /// <summary>Read once: no test changes the machine's devices.</summary>
    public HostTopology Topology => Read.Value;

    public ContractDevice Device(DeviceRole role) => role switch
    {
        DeviceRole.Lone => Named("lone", 0),
        DeviceRole.Dma => Named("dma", 0),
        DeviceRole.FirstOfTwo => Named("functions", 0),
        DeviceRole.SecondOfTwo => Named("functions", 1),
        DeviceRole.Mediated => Named("mediated", 0),
        DeviceRole.Unviable => Named("unviable", 0),
        DeviceRole.Port => Named("port", 0),
        DeviceRole.Bridged => Named("bridged", 0),
        DeviceRole.BridgedSibling => Named("bridged", 1),
        DeviceRole.UnviableNeighbour => Named("neighbour", 0),
        DeviceRole.Unprotected => Named("unprotected", 0, "noiommu-"),
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "No such role."),
    };

    public bool Has(DeviceRole role) => role != DeviceRole.Unprotected || Machine.Devices.ContainsKey("unprotected");

    public IDmaBuffer DmaBuffer(AssignedDevice device) => new EduBuffer(device, Device(DeviceRole.Dma).Name);

    public IInterruptLine InterruptLine(AssignedDevice device) => new EduBuffer(device, Device(DeviceRole.Dma).Name);

    /// <summary>Descriptors of VFIO and iommufd by what they are, and the two counters of locked memory.</summary>
    public string Held()
    {
        var open = Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Select(path => new FileInfo(path).LinkTarget)
            .Where(target => target is not null && (target.Contains("vfio", StringComparison.Ordinal) || target.Contains("iommu", StringComparison.Ordinal)))
            .Order();
        var rights = ProcessRights.Read(Kernel.Proc);
        return $"{string.Join(' ', open)} locked {rights.Locked!.Value} pinned {rights.Pinned!.Value}";
    }

    public void Dispose()
    {
        // Nothing of the machine is this object's: what a test opens, the test closes.
    }

    private static ContractDevice Named(string role, int index, string prefix = "")
    {
        Assert.True(Machine.Devices.TryGetValue(role, out var names) && names.Length > index, $"VMM_DEVICES names no device number {index} as {role}");
        var link = new FileInfo($"/sys/bus/{(names[index].Contains(':') ? "pci" : "mdev")}/devices/{names[index]}/iommu_group").LinkTarget;
        Assert.True(link is not null, $"{names[index]} has no IOMMU group: is it bound to vfio-pci?");
        return new ContractDevice(names[index], $"/dev/vfio/{prefix}{Path.GetFileName(link)}");
    }

    private static ulong ProbeLast()
    {
        var answer = Type1Probe.Query(new LinuxKernel(), Named("lone", 0).Group);
        Assert.True(answer.Info?.Windows is not null, $"the kernel does not tell its windows: {answer.Refusal}");
        return answer.Info.Windows[^1].Last.Value;
    }
}
