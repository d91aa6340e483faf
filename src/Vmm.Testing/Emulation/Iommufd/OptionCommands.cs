using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>IOMMU_OPTION, IOMMU_VFIO_IOAS and IOMMU_IOAS_CHANGE_PROCESS.</summary>
internal static class OptionCommands
{
    public static Errno Option(IommufdCommand command)
    {
        if (command.UInt16(10) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        var outcome = command.UInt32(4) switch
        {
            IommufdUapi.OptionRlimitMode => RlimitMode(command),
            IommufdUapi.OptionHugePages => HugePages(command),
            _ => Errno.EOPNOTSUPP,
        };
        if (outcome.IsNone)
        {
            command.Respond(16, sizeof(ulong));
        }

        return outcome;
    }

    public static Errno VfioIoas(IommufdCommand command)
    {
        if (command.UInt16(10) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        switch (command.UInt16(8))
        {
            case IommufdUapi.VfioIoasGet:
                if (command.Context.Compat is not { } compat)
                {
                    return Errno.ENODEV;
                }

                command.Put(4, compat.Id);
                command.Respond();
                return Errno.None;
            case IommufdUapi.VfioIoasSet:
                if (command.Context.Objects.Find<IoasObject>(command.UInt32(4)) is not { } ioas)
                {
                    return Errno.ENOENT;
                }

                command.Context.Compat = ioas;
                return Errno.None;
            case IommufdUapi.VfioIoasClear:
                command.Context.Compat = null;
                return Errno.None;
            default:
                return Errno.EOPNOTSUPP;
        }
    }

    /// <summary>KERNEL: only a mapping of a file can go from process to process; here there is one process, so nothing moves.</summary>
    public static Errno ChangeProcess(IommufdCommand command) =>
        command.UInt32(4) != 0 ? Errno.EOPNOTSUPP
        : command.Context.Ioases.Any(ioas => ioas.Model.Areas.Any(area => !area.Pages.Source.IsFile)) ? Errno.EINVAL
        : Errno.None;

    private static Errno RlimitMode(IommufdCommand command)
    {
        if (command.UInt32(12) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        switch (command.UInt16(8))
        {
            case IommufdUapi.OptionGet:
                command.Put(16, command.Context.ChargesProcess ? 1UL : 0);
                return Errno.None;
            case IommufdUapi.OptionSet:
                var refused = !command.Context.Kernel.Options.HasSysResource ? Errno.EPERM
                    : !command.Context.Objects.IsEmpty ? Errno.EBUSY
                    : command.UInt64(16) > 1 ? Errno.EINVAL
                    : Errno.None;
                command.Context.ChargesProcess = refused.IsNone ? command.UInt64(16) == 1 : command.Context.ChargesProcess;
                return refused;
            default:
                return Errno.EOPNOTSUPP;
        }
    }

    private static Errno HugePages(IommufdCommand command)
    {
        if (command.Context.Objects.Find<IoasObject>(command.UInt32(12)) is not { } ioas)
        {
            return Errno.ENOENT;
        }

        switch (command.UInt16(8))
        {
            case IommufdUapi.OptionGet:
                command.Put(16, ioas.Model.HasHugePages ? 1UL : 0);
                return Errno.None;
            case IommufdUapi.OptionSet:
                return command.UInt64(16) > 1 ? Errno.EINVAL : ioas.Model.SetHugePages(command.UInt64(16) == 1);
            default:
                return Errno.EOPNOTSUPP;
        }
    }
}
