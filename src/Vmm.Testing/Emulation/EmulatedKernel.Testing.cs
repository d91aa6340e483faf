using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Iommufd;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

public sealed partial class EmulatedKernel
{
    /// <summary>Lets a device write to memory at an IOVA, through the translation of its group.</summary>
    /// <exception cref="ArgumentException">The host has no device of that name.</exception>
    public DmaOutcome DmaWrite(string deviceName, Iova iova, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            return DmaEngine.Write(Host.Device(deviceName), iova, bytes);
        }
    }

    /// <summary>Lets a device read memory at an IOVA, through the translation of its group.</summary>
    /// <exception cref="ArgumentException">The host has no device of that name.</exception>
    public DmaOutcome DmaRead(string deviceName, Iova iova, Span<byte> bytes)
    {
        lock (_gate)
        {
            return DmaEngine.Read(Host.Device(deviceName), iova, bytes);
        }
    }

    /// <summary>Raises an interrupt of a device: the eventfd that SET_IRQS gave for it becomes readable. INTx that is masked, also by itself, becomes so when it is unmasked.</summary>
    /// <param name="deviceName">The device.</param>
    /// <param name="index">VFIO's index: INTx, MSI, MSI-X, error, request.</param>
    /// <param name="vector">Which of the index.</param>
    /// <returns>ENOENT when nobody asked for it.</returns>
    /// <exception cref="ArgumentException">The host has no device of that name.</exception>
    public SysResult RaiseInterrupt(string deviceName, uint index, uint vector)
    {
        lock (_gate)
        {
            return Host.Device(deviceName).Vfio.Interrupts.RaiseByDevice(index, vector);
        }
    }

    /// <summary>Opens a node for another process: /proc says that the descriptor is that process's. Whoever asked closes it.</summary>
    /// <param name="path">The node.</param>
    /// <param name="process">The process's number.</param>
    /// <param name="command">Its name, as in its <c>comm</c>.</param>
    /// <returns>The descriptor, or the errno of open(2).</returns>
    public SysResult OpenElsewhere(string path, int process, string command)
    {
        lock (_gate)
        {
            var opened = Open(path);
            if (opened.IsOk)
            {
                _proc.GiveTo(opened.Descriptor, process, command);
            }

            return opened;
        }
    }

    /// <summary>Counts everything that is held.</summary>
    public KernelCensus Census()
    {
        lock (_gate)
        {
            var files = _state.Files.Files.Select(pair => pair.Value).ToList();
            var attached = Host.Groups.Select(group => group.Vfio?.Container).OfType<ContainerModel>().ToList();
            var backends = attached.Distinct().Select(container => container.Backend).Where(backend => backend is { EntryCount: > 0 }).ToList();
            var devices = Host.Devices;
            var objects = _state.Iommufds.SelectMany(context => context.Objects.All).ToList();
            var areas = objects.OfType<IoasObject>().SelectMany(ioas => ioas.Model.Areas).ToList();
            var pages = areas.Select(area => area.Pages).Distinct().Aggregate(0UL, (sum, shared) => sum + shared.PinnedPages);
            return new KernelCensus(
                files.Count(file => file is ContainerFile),
                files.Count(file => file is GroupFile),
                files.Count(file => file is DeviceFile),
                files.Count(file => file is EventFile),
                files.Count(file => file is UeventFile),
                _state.Memory.OpenFiles,
                [.. backends.Select(backend => backend!.EntryCount)],
                attached.Count,
                Host.Groups.Count(group => group.IsOwned),
                devices.Count(device => device.Vfio.OpenCount > 0),
                devices.Sum(device => device.Vfio.MappedBars),
                backends.Aggregate(pages, (sum, backend) => sum + backend!.PinnedPages),
                _state.Locked.Pages + _state.UserLocked.Pages,
                _state.Memory.Book.VisibleBlocks,
                files.Count(file => file is IommufdFile),
                files.Count(file => file is CdevFile),
                _state.Iommufds.Count,
                objects.Count(known => known is IoasObject),
                objects.Count(known => known is HwptObject),
                areas.Count,
                objects.Count(known => known is DeviceObject or AccessObject));
        }
    }
}
