using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>
/// An open device: its descriptor, its regions, the BARs mapped into this process. A group cannot leave its container while a
/// device of it is open or a BAR of it is mapped, so the release is in order: BARs, then the descriptor. Thread-safe: a VMM maps BARs while a container's turn releases.
/// </summary>
public sealed partial class AssignedDevice
{
    private const uint MostRegions = 256;

    /// <summary>O_RDWR and O_CLOEXEC of open(2).</summary>
    private const uint ReadWriteCloseOnExec = 0x80002;

    private readonly IDevices _devices;
    private readonly IMemory _memory;
    private readonly OwnedFd _fd;
    private readonly IContainerMember _member;
    private readonly Lock _gate = new();
    private readonly List<BarMapping> _mapped = [];
    private readonly List<StuckPart> _stuck = [];
    private bool _isReleasing;

    private AssignedDevice(IDevices devices, IMemory memory, OwnedFd fd, IContainerMember member, bool canReset, IReadOnlyList<DeviceRegion> regions)
    {
        _devices = devices;
        _memory = memory;
        _fd = fd;
        _member = member;
        CanReset = canReset;
        Regions = regions;
    }

    /// <summary>The device's name, such as <c>0000:06:0d.0</c>.</summary>
    public string Name => _fd.Path;

    /// <summary>The descriptor; -1 once released.</summary>
    public int Descriptor => _fd.Number;

    /// <summary>True when the kernel offers a reset of it.</summary>
    public bool CanReset { get; }

    /// <summary>Its regions, by number; those it has not have size 0.</summary>
    public IReadOnlyList<DeviceRegion> Regions { get; }

    /// <summary>What is mapped into this process.</summary>
    public IReadOnlyList<BarMapping> Mapped
    {
        get
        {
            lock (_gate)
            {
                return [.. _mapped];
            }
        }
    }

    /// <summary>Opens a device of what is in a container with a backend, and reads what it has.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="memory">Where its BARs are mapped.</param>
    /// <param name="member">Its group, or what it is to iommufd; inside a container.</param>
    /// <param name="name">Its name.</param>
    /// <param name="device">The device; the caller releases it.</param>
    /// <param name="refusal">Why not; nothing is left open.</param>
    public static bool TryOpen(
        IDevices devices,
        IMemory memory,
        IContainerMember member,
        string name,
        [NotNullWhen(true)] out AssignedDevice? device,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(member);
        device = null;
        var given = member.GetDevice(name);
        if (!given.IsOk)
        {
            refusal = new ContainerRefusal("VFIO_GROUP_GET_DEVICE_FD", name, given.Errno, WordsForGet(member, given.Errno));
            return false;
        }

        refusal = TryRead(devices, given.Value, out var info, out var regions);
        if (refusal is not null)
        {
            refusal = member.KeepsDevice ? refusal : refusal.AfterUndo("close", given.Value.Close());
            return false;
        }

        device = new AssignedDevice(devices, memory, given.Value, member, (info.Flags & VfioUapi.DeviceReset) != 0, regions);
        return true;
    }

    /// <summary>Maps what may be mapped of a region into this process, or answers what is mapped of it already.</summary>
    /// <param name="index">The region's number.</param>
    /// <returns>
    /// The parts, ascending; empty where the region has none that may be mapped. A failure leaves nothing of it mapped; once
    /// the release has begun it is EBADF.
    /// </returns>
    public SysResult<IReadOnlyList<BarMapping>> MapRegion(uint index)
    {
        lock (_gate)
        {
            if (_isReleasing)
            {
                return Errno.EBADF;
            }

            var there = _mapped.Where(bar => bar.Region == index).ToList();
            return there.Count > 0 || index >= Regions.Count ? there : MapParts(Regions[(int)index]);
        }
    }

    /// <summary>
    /// Unmaps the BARs, then closes the descriptor, which ends its interrupts; where the container's member keeps it, they are turned off. A BAR that a DMA mapping or a pin still leases stays, and the descriptor
    /// with it: take the section out of the view first. An unmap that failed is tried once more, and again at the next call.
    /// </summary>
    public DeviceRelease Release()
    {
        lock (_gate)
        {
            _isReleasing = true;
            _mapped.ForEach(bar => bar.Block.Retire());
            _mapped.RemoveAll(bar => bar.Block.IsReleased);

            var errno = UnmapStuck();
            if (_mapped.Count + _stuck.Count > 0)
            {
                return new DeviceRelease(
                    IsReleased: false,
                    [.. _mapped.Select(bar => $"{bar.Block.Name}: {bar.Block.Leases} leases"), .. _stuck.Select(part => $"{part.Name}: munmap answered {part.Errno}")],
                    errno);
            }

            return new DeviceRelease(IsReleased: true, [], _member.KeepsDevice ? EndAll().Errno : _fd.Close().Errno);
        }
    }

    /// <summary>The device's name and descriptor.</summary>
    public override string ToString() => _fd.ToString();

    private SysResult<IReadOnlyList<BarMapping>> MapParts(DeviceRegion region)
    {
        var parts = new List<BarMapping>();
        foreach (var part in region.Mappable)
        {
            var answer = MapPart(region, part, out var bar);
            if (bar is null)
            {
                parts.ForEach(done => done.Block.Retire());
                return answer.Errno;
            }

            parts.Add(bar);
        }

        _mapped.AddRange(parts);
        return parts;
    }

    private SysResult MapPart(DeviceRegion region, DeviceRegion.Part part, out BarMapping? bar)
    {
        bar = null;
        var protection = (region.CanRead ? MappingProtection.Read : MappingProtection.None) | (region.CanWrite ? MappingProtection.Write : MappingProtection.None);
        var mapped = _memory.Map(part.Length, protection, MappingSharing.Shared, Descriptor, region.Offset + part.Offset);
        if (!mapped.IsOk)
        {
            return mapped;
        }

        var address = new HostAddress((ulong)mapped.Value);
        var name = $"{Name} BAR {region.Index}";
        var file = _member.KeepsDevice ? DmaBufOf(region, part) : -1;
        var block = RamBlock.FromExisting(
            name, address, part.Length, file, isShared: true, released: () => UnmapPart(name, address, part.Length, file), file: file < 0 ? RamFile.Other : RamFile.DmaBuf);
        bar = new BarMapping(region.Index, part.Offset, block);
        return mapped;
    }

    /// <summary>By which iommufd maps a part for other devices; -1 where kernel or device offers none.</summary>
    private int DmaBufOf(DeviceRegion region, DeviceRegion.Part part)
    {
        var given = VfioCalls.DeviceGetDmaBuf(
            _devices, Descriptor, region.Index, ReadWriteCloseOnExec, [new() { Offset = part.Offset, Length = part.Length }]);
        return given.IsOk ? given.Descriptor : -1;
    }

    /// <summary>Called by whoever ends the last lease, on any thread.</summary>
    private void UnmapPart(string name, HostAddress address, ulong length, int file)
    {
        if (file >= 0)
        {
            // KERNEL: close gives the descriptor up whatever it answers, and mappings of the dma-buf hold it by themselves.
            _devices.Close(file);
        }

        var unmapped = _memory.Unmap(address, length);
        if (!unmapped.IsOk)
        {
            lock (_gate)
            {
                _stuck.Add(new StuckPart(name, address, length, unmapped.Errno));
            }
        }
    }

    /// <summary>KERNEL: a mapped BAR keeps its device open, so what munmap would not take back is tried again, not forgotten.</summary>
    /// <returns>The first errno met; none when nothing is stuck any more.</returns>
    private Errno UnmapStuck()
    {
        for (var i = _stuck.Count - 1; i >= 0; i--)
        {
            var unmapped = _memory.Unmap(_stuck[i].Address, _stuck[i].Length);
            if (unmapped.IsOk)
            {
                _stuck.RemoveAt(i);
            }
            else
            {
                _stuck[i] = _stuck[i] with { Errno = unmapped.Errno };
            }
        }

        return _stuck.Count == 0 ? Errno.None : _stuck[0].Errno;
    }

    private static ContainerRefusal? TryRead(
        IDevices devices, OwnedFd fd, out VfioUapi.DeviceInfo info, out IReadOnlyList<DeviceRegion> regions)
    {
        regions = [];
        var answer = VfioCalls.DeviceGetInfo(devices, fd.Number);
        info = answer.Value;
        if (!answer.IsOk || info.Regions > MostRegions)
        {
            var words = answer.IsOk ? $"the device claims {info.Regions} regions." : "error getting device info.";
            return new ContainerRefusal("VFIO_DEVICE_GET_INFO", fd.Path, answer.IsOk ? Errno.EPROTO : answer.Errno, words);
        }

        var found = new List<DeviceRegion>();
        for (var index = 0u; index < info.Regions; index++)
        {
            var region = ReadRegion(devices, fd, index, out var refusal);
            if (region is null)
            {
                return refusal;
            }

            found.Add(region);
        }

        regions = found;
        return null;
    }

    private static DeviceRegion? ReadRegion(IDevices devices, OwnedFd fd, uint index, out ContainerRefusal? refusal)
    {
        refusal = null;
        var answer = VfioCalls.DeviceGetRegionInfo(devices, fd.Number, index);

        // KERNEL: vfio-pci answers EINVAL for a VGA region that the device has not; an absent BAR has size 0.
        if (answer.Errno == Errno.EINVAL && index >= VfioUapi.PciVgaRegion)
        {
            return DeviceRegion.Absent(index);
        }

        string? fault = null;
        var region = answer.IsOk ? DeviceRegion.Read(answer.Value, out fault) : null;
        if (region is null)
        {
            var errno = answer.IsOk ? Errno.EPROTO : answer.Errno;
            refusal = new ContainerRefusal("VFIO_DEVICE_GET_REGION_INFO", fd.Path, errno, $"error getting region {index}{(fault is null ? "" : $": {fault}")}.");
        }

        return region;
    }

    private static string WordsForGet(IContainerMember member, Errno errno) => errno.Number switch
    {
        13 => $"error getting device from {member.Name}: it wants a VF token, or another one (vf_token=UUID).",
        19 => $"error getting device from {member.Name}: it has no such device, or the device has no VFIO driver: bind it to vfio-pci.",
        22 => $"error getting device from {member.Name}: the group is in no container with a backend, or the name is malformed.",
        _ => $"error getting device from {member.Name}.",
    };

    /// <summary>A part of a BAR that munmap would not take back.</summary>
    private readonly record struct StuckPart(string Name, HostAddress Address, ulong Length, Errno Errno);
}
