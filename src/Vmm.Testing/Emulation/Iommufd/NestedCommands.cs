using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>Requests around nested page tables, which no IOMMU of the emulated hosts has: what they refuse, in the kernel's order.</summary>
internal static class NestedCommands
{
    private const uint LargestEntry = 0x1000;
    private const uint MostEntries = 1 << 19;

    public static Errno Invalidate(IommufdCommand command)
    {
        var entries = command.UInt32(24);
        var refused = command.UInt32(28) != 0 ? Errno.EOPNOTSUPP
            : entries > MostEntries || (entries > 0 && (command.IsNull(8) || command.UInt32(20) is 0 or > LargestEntry)) ? Errno.EINVAL
            : command.Context.Objects.Find<IommufdObject>(command.UInt32(4)) is null ? Errno.ENOENT
            : Errno.EINVAL;

        // KERNEL: the entries that were done, none, are told on every path.
        command.Put(24, 0u);
        command.Respond();
        return refused;
    }

    public static SysResult AllocateFaultQueue(IommufdCommand command)
    {
        if (command.UInt32(4) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        var context = command.Context;
        var queue = new FaultQueueObject { Users = 1 };
        var opened = context.Kernel.Files.Open(new FaultQueueFile(context, queue));
        if (!opened.IsOk)
        {
            return opened;
        }

        context.Get();
        context.Objects.Add(queue);
        command.Put(8, queue.Id);
        command.Put(12, (uint)opened.Descriptor);
        command.Respond();
        return SysResult.Ok;
    }

    public static Errno AllocateViommu(IommufdCommand command) =>
        command.UInt32(4) != 0 || command.UInt32(8) == 0 ? Errno.EOPNOTSUPP
        : command.Context.Objects.Find<DeviceObject>(command.UInt32(12)) is null ? Errno.ENOENT
        : Errno.EOPNOTSUPP;

    /// <summary>There is no virtual IOMMU that it could belong to.</summary>
    public static Errno AllocateVdevice() => Errno.ENOENT;

    public static Errno AllocateEventQueue(IommufdCommand command) =>
        command.UInt32(4) != 0 || command.UInt32(28) != 0 || command.UInt32(12) == 0 ? Errno.EOPNOTSUPP
        : command.UInt32(16) is 0 or > MostEntries ? Errno.EINVAL
        : Errno.ENOENT;

    public static Errno AllocateHardwareQueue(IommufdCommand command) =>
        command.UInt32(4) != 0 || command.UInt32(12) == 0 ? Errno.EOPNOTSUPP
        : command.UInt64(32) == 0 ? Errno.EINVAL
        : command.UInt64(24) + (command.UInt64(32) - 1) < command.UInt64(24) ? Errno.EOVERFLOW
        : Errno.ENOENT;
}
