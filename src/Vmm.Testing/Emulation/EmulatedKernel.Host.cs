using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Sysfs;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

public sealed partial class EmulatedKernel
{
    /// <inheritdoc/>
    public SysResult<IReadOnlyList<string>> List(string path)
    {
        lock (_gate)
        {
            return EmulatedSysfs.List(Host.Tree.Tree, path);
        }
    }

    /// <inheritdoc/>
    public SysResult<string> ReadText(string path)
    {
        lock (_gate)
        {
            return ModuleFiles.TryRead(Host, Options, path, out var text) ? text : EmulatedSysfs.ReadText(Host.Tree.Tree, path);
        }
    }

    /// <inheritdoc/>
    public SysResult<string> ReadLink(string path)
    {
        lock (_gate)
        {
            return EmulatedSysfs.ReadLink(Host.Tree.Tree, path);
        }
    }

    /// <summary>
    /// As <see cref="ISysfs.WriteText"/>. Does something: <c>driver_override</c> of a device, <c>bus/pci/drivers_probe</c>,
    /// <c>bind</c> and <c>unbind</c> of a driver, the limit on mappings of type1. An unbind of a device that is open is begun and not waited for.
    /// </summary>
    public SysResult WriteText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        lock (_gate)
        {
            return ModuleFiles.TryWrite(Options, path, text) ? SysResult.Ok : SysfsWrites.Write(Host, path, text);
        }
    }

    /// <inheritdoc/>
    public SysResult Listen()
    {
        lock (_gate)
        {
            var reserved = _state.Files.Reserve();
            if (!reserved.IsOk)
            {
                return reserved;
            }

            var queue = new UeventQueue(reserved.Descriptor, Options.UeventQueueLength);
            Host.Events.Add(queue);
            return _state.Files.Install(reserved.Descriptor, new UeventFile(Host.Events, queue));
        }
    }

    /// <inheritdoc/>
    public SysResult Receive(int descriptor, Span<byte> buffer)
    {
        lock (_gate)
        {
            return _state.Files[descriptor] is UeventFile file ? file.Queue.Receive(buffer) : Errno.EBADF;
        }
    }
}
