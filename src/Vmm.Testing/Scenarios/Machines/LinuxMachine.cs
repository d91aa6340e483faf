using System.Text.RegularExpressions;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;
using Vmm.Testing.Recordings;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>The machine that this process runs on, or a kernel that answers like one.</summary>
internal sealed partial class LinuxMachine : IScenarioMachine
{
    /// <summary>Blocks beyond this show their bytes again and again, so that a guest of many GiB fits a small machine.</summary>
    internal const ulong Fold = 64UL << 20;

    private const ushort EduVendor = 0x1234;
    private const ushort EduDevice = 0x11e8;

    private readonly HostKernel _own;
    private readonly RecordingFile? _recording;
    private readonly HostTopology _found;
    private readonly DriverWrites _drivers;
    private readonly List<string> _touched = [];
    private readonly IReadOnlyList<int> _groups;
    private readonly List<string> _descriptorsBefore;
    private readonly string _lockedBefore;
    private string? _limitBefore;

    private LinuxMachine(HostKernel kernel, HostTopology found, RealPlace place, RecordingFile? recording)
    {
        // What the machine itself does to drivers is nothing that the VMM asks for, and no call of a recording.
        _own = kernel;
        Kernel = kernel;
        _recording = recording;
        _found = found;
        _drivers = new DriverWrites(kernel.Sysfs);
        _groups = [.. place.Groups.Values.Distinct()];
        _descriptorsBefore = Descriptors();
        _lockedBefore = Locked();
    }

    public HostKernel Kernel { get; private set; }

    public bool Populates => false;

    /// <summary>Makes a machine ready for a scenario: devices get the drivers that the scenario begins with.</summary>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="found">The machine as it is.</param>
    /// <param name="place">Which of its devices the scenario uses.</param>
    /// <param name="entryLimit">Mappings that a container of type1 can hold; null for what the machine has.</param>
    /// <param name="recording">Takes the calls from then on; or null.</param>
    /// <param name="why">Why it cannot be made ready; it is then as it was.</param>
    internal static LinuxMachine? TryPrepare(HostKernel kernel, HostTopology found, RealPlace place, uint? entryLimit, RecordingFile? recording, out string why)
    {
        var machine = new LinuxMachine(kernel, found, place, recording);
        if (!machine.TryLimit(entryLimit, out why) || !machine.TrySetAll(place.Drivers, out why) || !machine.TryPull(place.Pulled, out why))
        {
            machine.Dispose();
            return null;
        }

        machine.Kernel = recording?.Record(kernel) ?? kernel;
        return machine;
    }

    /// <summary>True for a device whose DMA engine can be driven.</summary>
    internal static bool HasEngine(HostDevice device) => device is { Vendor: EduVendor, Device: EduDevice };

    public RamBlock Allocate(string name, ulong length, SectionBacking backing)
    {
        if (backing is SectionBacking.Nothing or SectionBacking.ReadOnlyMemory)
        {
            var protection = backing == SectionBacking.Nothing ? MappingProtection.None : MappingProtection.Read;
            return Existing(name, length, Kernel.Memory.Map(length, protection, MappingSharing.Anonymous, -1, 0), -1);
        }

        return length > Fold && _own.Memory is LinuxKernel linux ? Folded(linux, name, length) : RamBlock.Allocate(Kernel.Memory, name, length);
    }

    private RamBlock Folded(LinuxKernel linux, string name, ulong length)
    {
        var file = Kernel.Memory.CreateMemfd(name, Fold);
        if (!file.IsOk)
        {
            throw new IommuException("memfd_create", name, file.Errno, "Free descriptors or memory for the guest's RAM.");
        }

        var mapped = linux.MapFolded(length, file.Descriptor, Fold);
        if (mapped.IsOk)
        {
            _recording?.Note(RecordedLine.Stands, new(StringComparer.Ordinal) { ["address"] = $"0x{mapped.Value:x}", ["length"] = $"0x{length:x}" });
        }

        return Existing(name, length, mapped, file.Descriptor);
    }

    public (string Words, Errno Errno) Change(HostChange change)
    {
        var (what, device, act) = change switch
        {
            HostChange.Bind bind => ($"bind {bind.Device} to {bind.Driver}", bind.Device, (Func<Errno>)(() => _drivers.Bind(bind.Device, bind.Driver))),
            HostChange.Unbind unbind => ($"unbind {unbind.Device}", unbind.Device, () => _drivers.Unbind(unbind.Device)),
            HostChange.Remove remove => ($"remove {remove.Device}", remove.Device, () => _drivers.Remove(remove.Device)),
            HostChange.Add add => ($"add {add.Device.Address}", add.Device.Address, () => _drivers.Rescan()),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "no change that a machine can be asked for"),
        };
        if (change is not HostChange.Add && !_drivers.Has(device))
        {
            return ($"{what}: the host has no device {device}", Errno.ENODEV);
        }

        Touch(device);
        var errno = act();
        errno = errno.IsNone && change is HostChange.Add && !_drivers.Has(device) ? Errno.ENODEV : errno;
        return ($"{what}: {(errno.IsNone ? "done" : errno.ToString())}", errno);
    }

    public DmaAnswer DmaWrite(DmaTarget target, ReadOnlySpan<byte> bytes) =>
        Engine(target, bytes.Length, out var why) is { } dma ? dma.Write(target.Iova, bytes) : DmaAnswer.Skipped(why);

    public DmaAnswer DmaRead(DmaTarget target, Span<byte> bytes) =>
        Engine(target, bytes.Length, out var why) is { } dma ? dma.Read(target.Iova, bytes) : DmaAnswer.Skipped(why);

    public KernelHoldings Held()
    {
        var open = Descriptors();
        return new KernelHoldings(null, open.Contains("/dev/iommu") ? null : open.Count(GroupNode().IsMatch), open.Count(DeviceNode().IsMatch));
    }

    public MachineRemains Remains()
    {
        _recording?.EndWatch();
        var open = Descriptors();
        foreach (var before in _descriptorsBefore)
        {
            open.Remove(before);
        }

        var left = new List<string>(open.Select(what => $"descriptor of {what}"));
        if (Locked() is var locked && locked != _lockedBefore)
        {
            left.Add($"memory: {locked}, before {_lockedBefore}");
        }

        left.AddRange(_groups.Select(WhyClosed).OfType<string>());
        return new MachineRemains(open.Count, null, left.Count == 0, left.Count == 0 ? "nothing" : string.Join("; ", left));
    }

    public void Dispose()
    {
        foreach (var device in _touched)
        {
            if (_found.TryGetDevice(device, out var was))
            {
                PutBack(was);
            }
        }

        _touched.Clear();
        if (_limitBefore is { } limit)
        {
            _own.Sysfs.WriteText(ModuleParameters.DmaEntryLimitFile, limit);
            _limitBefore = null;
        }
    }

    private void PutBack(HostDevice was)
    {
        if (!was.IsMediated)
        {
            if (!_drivers.Has(was.Name))
            {
                _drivers.Rescan();
            }

            _drivers.PutBack(was.Name, was.Driver, was.DriverOverride);
        }
        else if (!_drivers.Has(was.Name))
        {
            _drivers.CreateMediated($"class/mdev_bus/{was.MdevParent}", was.MdevType ?? "", was.Name);
        }
    }

    private bool TryLimit(uint? limit, out string why)
    {
        why = "";
        if (limit is null)
        {
            return true;
        }

        var before = _own.Sysfs.ReadText(ModuleParameters.DmaEntryLimitFile);
        var written = before.IsOk ? _own.Sysfs.WriteText(ModuleParameters.DmaEntryLimitFile, $"{limit}").Errno : before.Errno;
        _limitBefore = written.IsNone ? before.Value : null;
        why = written.IsNone ? "" : $"its containers hold {limit} mappings, and {ModuleParameters.DmaEntryLimitFile} cannot be set: {written}";
        return written.IsNone;
    }

    private bool TryPull(IReadOnlyList<string> devices, out string why)
    {
        why = "";
        foreach (var device in devices)
        {
            Touch(device);
            if (_drivers.Remove(device) is { IsNone: false } errno)
            {
                why = $"{device}, which a step plugs in, cannot be taken off the bus before: {errno}";
                return false;
            }
        }

        return true;
    }

    private bool TrySetAll(IReadOnlyDictionary<string, string?> drivers, out string why)
    {
        why = "";
        foreach (var (device, driver) in drivers)
        {
            if (!TrySet(device, driver, out why))
            {
                return false;
            }
        }

        return true;
    }

    private bool TrySet(string device, string? driver, out string why)
    {
        why = "";
        if (_drivers.DriverOf(device) == driver)
        {
            return true;
        }

        Touch(device);
        var errno = _drivers.Unbind(device);
        errno = errno.IsNone && driver is not null ? _drivers.Bind(device, driver) : errno;
        why = errno.IsNone ? "" : $"{device} cannot be given {driver ?? "no driver"}: {errno}";
        return errno.IsNone;
    }

    private void Touch(string device)
    {
        if (!_touched.Contains(device))
        {
            _touched.Add(device);
        }
    }

    private RamBlock Existing(string name, ulong length, SysResult mapped, int descriptor)
    {
        var memory = Kernel.Memory;
        if (!mapped.IsOk)
        {
            if (descriptor >= 0)
            {
                memory.CloseMemfd(descriptor);
            }

            const string Cure = "Free address space, raise the limit on it (ulimit -v) or on mappings (vm.max_map_count).";
            throw new IommuException("mmap", $"{name}, {length} bytes", mapped.Errno, Cure);
        }

        var address = new HostAddress((ulong)mapped.Value);
        return RamBlock.FromExisting(name, address, length, released: () =>
        {
            memory.Unmap(address, length);
            if (descriptor >= 0)
            {
                memory.CloseMemfd(descriptor);
            }
        });
    }

    private EduDma? Engine(DmaTarget target, int length, out string why)
    {
        why = !_found.TryGetDevice(target.Device, out var device) || !HasEngine(device) ? $"{target.Device} has no DMA engine that can be driven"
            : length > EduEngine.Most ? $"the DMA engine of {target.Device} moves at most {EduEngine.Most} bytes at once"
            : target.Hardware is null ? $"{target.Device} is not attached, and only who has it open can drive it"
            : "";
        if (why.Length > 0 || EduEngine.TryOpen(target.Hardware!, target.Device, out why) is not { } engine)
        {
            return null;
        }

        if (target.Guest.PageAwayFrom(target.Iova.Value) is not { } page)
        {
            why = $"no page of guest RAM is free to hand bytes to {target.Device}";
            return null;
        }

        var dma = new EduDma(engine, target.Guest, page);
        why = dma.Reaches(target.Iova) ? "" : $"{target.Device} has too few address lines for {target.Iova}; start QEMU with edu,dma_mask=0xffffffffffffffff";
        return why.Length == 0 ? dma : null;
    }

    private string? WhyClosed(int group)
    {
        var opened = _own.Devices.Open($"/dev/vfio/{group}");
        if (opened.IsOk)
        {
            _own.Devices.Close(opened.Descriptor);
        }

        return opened.Errno == Errno.EBUSY ? $"group {group} cannot be opened again: {opened.Errno}" : null;
    }

    private List<string> Descriptors() =>
        [.. (Kernel.Proc.List("self/fd") is { IsOk: true, Value: var open } ? open : [])
            .Select(number => Kernel.Proc.ReadLink($"self/fd/{number}") is { IsOk: true, Value: var target } ? target : "")
            .Where(target => target.Contains("vfio", StringComparison.Ordinal) || target.Contains("iommu", StringComparison.Ordinal))];

    private string Locked()
    {
        var rights = ProcessRights.Read(Kernel.Proc);
        return $"{Bytes(rights.Locked)} locked and {Bytes(rights.Pinned)} pinned";
    }

    private static string Bytes(ulong? count) => count is { } known ? $"{known} bytes" : "unknown";

    [GeneratedRegex(@"^/dev/vfio/(noiommu-)?\d+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex GroupNode();

    [GeneratedRegex(@"^(anon_inode:\[vfio-device\]|/dev/vfio/devices/vfio\d+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DeviceNode();
}
