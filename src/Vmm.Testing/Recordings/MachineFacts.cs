using System.Buffers.Binary;
using System.Globalization;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Recordings;

/// <summary>
/// What sysfs does not say of a machine, taken from the first recorded answer that tells it: an IOMMU's aperture, page sizes, cache
/// coherency, isolation of interrupts and dirty tracking, a device's interrupts, configuration space and reset, and which type1 it is.
/// </summary>
internal sealed class MachineFacts(EmulatedHost host, EmulatedKernelOptions options)
{
    private const string GroupNode = "/dev/vfio/";
    private const string DeviceNode = "/dev/vfio/devices/";
    private readonly Dictionary<int, string> _opened = [];
    private readonly Dictionary<int, HashSet<int>> _groupsOf = [];
    private readonly Dictionary<(int Iommufd, uint Id), EmulatedDevice> _bound = [];
    private readonly Dictionary<int, (int Iommufd, EmulatedDevice Device)> _iommufdOf = [];
    private readonly Dictionary<(int Iommufd, uint PageTable), uint> _ioasOf = [];
    private readonly Dictionary<(int Iommufd, uint Ioas), EmulatedDevice> _attached = [];
    private readonly HashSet<IommuUnit> _known = [];

    /// <summary>Looks at every line; the host is as its header says.</summary>
    public void Learn(IEnumerable<RecordedLine> lines)
    {
        foreach (var line in lines)
        {
            Learn(line);
        }
    }

    private static uint Word(byte[] bytes, int offset) => bytes.Length >= offset + 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset)) : 0;

    private void Learn(RecordedLine line)
    {
        var call = line.Call;
        if (call.Call == "open" && call.IsOk)
        {
            _opened[(int)call.Result] = line.Text("path");
        }
        else if (call.Call == "close" && line.Descriptor is { } closed)
        {
            _opened.Remove(closed);
            _groupsOf.Remove(closed);
        }
        else if (call is { Bytes: { } bytes } && line.Descriptor is { } on)
        {
            if (bytes is { Before: { } before, After: { } after })
            {
                LearnGroup(call, on, before);
                LearnDevice(call, on, before, after);
                LearnIommufd(call, on, before, after, bytes.BufferAfter);
            }
            else
            {
                LearnContainer(call, on, line.Text("arg"));
            }
        }
    }

    private void LearnContainer(KernelCall call, int on, string argument)
    {
        var isType1 = argument is "1" or "3";
        if (call.Call == VfioUapi.SetIommu.Name && isType1 && call.Errno == Errno.EPERM && !options.AllowUnsafeInterrupts)
        {
            UnitsOf(on).ForEach(unit => unit.HasIsolatedMsi = false);
        }
        else if (call.Call == VfioUapi.CheckExtension.Name && call.IsOk)
        {
            if (argument == $"{VfioUapi.DmaCacheCoherent}" && call.Result > 0)
            {
                UnitsOf(on).ForEach(unit => unit.EnforcesCoherency = true);
            }

            if (argument == $"{VfioUapi.Type1V2}" && call.Result == 0)
            {
                options.HasType1V2 = false;
            }
        }
    }

    private void LearnGroup(KernelCall call, int on, byte[] before)
    {
        if (!call.IsOk)
        {
            return;
        }

        if (call.Call == VfioUapi.GroupSetContainer.Name && GroupOf(on) is { } group)
        {
            var container = (int)Word(before, 0);
            if (!_groupsOf.TryGetValue(container, out var groups))
            {
                _groupsOf[container] = groups = [];
            }

            groups.Add(group);
        }
        else if (call.Call == VfioUapi.GroupGetDeviceFd.Name)
        {
            _opened[(int)call.Result] = call.Before.GetValueOrDefault("name", "");
        }
        else if (call.Call == VfioUapi.IommuGetInfo.Name && call.Bytes!.After is { Length: >= 24 } info)
        {
            var ranges = InfoFields.Of(info).FirstOrDefault(field => field.Key == "iova_ranges").Value;
            if (ranges is not null)
            {
                SetSpace(UnitsOf(on), [.. ranges.Split(' ').Select(Range)], BinaryPrimitives.ReadUInt64LittleEndian(info.AsSpan(8)));
            }
        }
    }

    private void LearnDevice(KernelCall call, int on, byte[] before, byte[] after)
    {
        if (DeviceOf(on) is not { } device)
        {
            return;
        }

        if (call.Call == VfioUapi.DeviceFeature.Name && call.Errno == Errno.ENOTTY && (Word(before, 4) & VfioUapi.FeatureMask) == VfioUapi.FeatureDmaBuf)
        {
            options.ExportsDmaBufs = false;
        }
        else if (call.IsOk && call.Call == VfioUapi.DeviceGetInfo.Name)
        {
            device.CanReset = (Word(after, 4) & VfioUapi.DeviceReset) != 0;
        }
        else if (call.IsOk && call.Call == VfioUapi.DeviceGetIrqInfo.Name)
        {
            var count = (int)Word(after, 12);
            device.Vectors = Word(before, 8) switch
            {
                VfioUapi.PciMsi => device.Vectors with { Msi = count },
                VfioUapi.PciMsix => device.Vectors with { Msix = count },
                _ => device.Vectors,
            };
        }
        else if (call.IsOk && call.Call == VfioUapi.DeviceGetRegionInfo.Name && Word(before, 8) == VfioUapi.PciConfigRegion)
        {
            device.IsExpress = Word(after, 16) > 256;
        }
    }

    private void LearnIommufd(KernelCall call, int on, byte[] before, byte[] after, byte[]? buffer)
    {
        if (!call.IsOk)
        {
            return;
        }

        if (call.Call == VfioUapi.DeviceBindIommufd.Name && DeviceOf(on) is { } device)
        {
            var iommufd = (int)Word(before, 8);
            _bound[(iommufd, Word(after, 12))] = device;
            _iommufdOf[on] = (iommufd, device);
        }
        else if (call.Call == VfioUapi.DeviceAttachIommufdPt.Name && _iommufdOf.TryGetValue(on, out var bound))
        {
            var asked = Word(before, 8);
            _attached[(bound.Iommufd, _ioasOf.GetValueOrDefault((bound.Iommufd, asked), asked))] = bound.Device;
        }
        else if (call.Call == IommufdUapi.HwptAlloc.Name)
        {
            _ioasOf[(on, Word(after, 16))] = Word(before, 12);
        }
        else if (call.Call == IommufdUapi.GetHwInfo.Name && _bound.TryGetValue((on, Word(before, 8)), out var asked) && asked.Unit is { } unit)
        {
            unit.TracksDirty = (Word(after, 32) & IommufdUapi.HwCapDirtyTracking) != 0;
        }
        else if (call.Call == IommufdUapi.IoasIovaRanges.Name && buffer is not null && _attached.TryGetValue((on, Word(before, 4)), out var served) && served.Unit is { } space)
        {
            var count = Math.Min((int)Word(after, 8), buffer.Length / 16);
            SetSpace([space], [.. Enumerable.Range(0, count).Select(index => RangeAt(buffer, index * 16))], pageSizes: null);
        }
    }

    private void SetSpace(List<IommuUnit> units, List<IovaRange> windows, ulong? pageSizes)
    {
        if (windows.Count == 0)
        {
            return;
        }

        foreach (var unit in units.Where(_known.Add))
        {
            unit.Aperture = WithRegionsAtItsEnds(unit, windows[0].Start.Value, windows[^1].Last.Value);
            unit.PageSizes = pageSizes is { } bitmap ? new(bitmap) : unit.PageSizes;
        }
    }

    /// <summary>The kernel cuts reserved regions out of the aperture; at an end of it they leave no gap that would show.</summary>
    private IovaRange WithRegionsAtItsEnds(IommuUnit unit, ulong start, ulong last)
    {
        foreach (var region in host.Groups.Where(group => group.Unit == unit).SelectMany(group => group.Reserved).Where(region => region.IsHole))
        {
            start = region.Range.Last.Value == start - 1 && start != 0 ? region.Range.Start.Value : start;
            last = region.Range.Start.Value == last + 1 && last != ulong.MaxValue ? region.Range.Last.Value : last;
        }

        return IovaRange.FromBounds(start, last);
    }

    private static IovaRange Range(string text)
    {
        var ends = text.Split('-');
        return IovaRange.FromBounds(
            ulong.Parse(ends[0].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            ulong.Parse(ends[1].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }

    private static IovaRange RangeAt(byte[] buffer, int at) =>
        IovaRange.FromBounds(BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(at)), BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(at + 8)));

    private int? GroupOf(int descriptor) =>
        _opened.TryGetValue(descriptor, out var path) && path.StartsWith(GroupNode, StringComparison.Ordinal)
            && int.TryParse(path.AsSpan(GroupNode.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var group)
                ? group
                : null;

    private EmulatedDevice? DeviceOf(int descriptor)
    {
        if (!_opened.TryGetValue(descriptor, out var name))
        {
            return null;
        }

        return name.StartsWith(DeviceNode, StringComparison.Ordinal) ? host.Devices.FirstOrDefault(device => name == $"{DeviceNode}vfio{device.VfioIndex}")
            : host.TryDevice(name, out var found) ? found
            : null;
    }

    private List<IommuUnit> UnitsOf(int container) =>
        [.. _groupsOf.GetValueOrDefault(container, []).Select(id => host.TryGroup(id, out var group) ? group.Unit : null).OfType<IommuUnit>().Distinct()];
}
