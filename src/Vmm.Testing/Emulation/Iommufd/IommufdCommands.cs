using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>Answers the requests of an iommufd, each check in the kernel's order.</summary>
internal static class IommufdCommands
{
    private const uint FaultQueueAlloc = 14;
    private const uint ViommuAlloc = 16;
    private const uint VdeviceAlloc = 17;
    private const uint VeventqAlloc = 19;
    private const uint HwQueueAlloc = 20;
    private const uint HwptInvalidate = 13;

    public static SysResult Answer(uint number, IommufdCommand command) => (number + IommufdUapi.Destroy.Number) switch
    {
        _ when Is(number, IommufdUapi.Destroy) => command.Context.Objects.Destroy(command.UInt32(4)),
        _ when Is(number, IommufdUapi.IoasAlloc) => AllocateIoas(command),
        _ when Is(number, IommufdUapi.IoasAllowIovas) => IovaCommands.Allow(command),
        _ when Is(number, IommufdUapi.IoasCopy) => MapCommands.Copy(command),
        _ when Is(number, IommufdUapi.IoasIovaRanges) => IovaCommands.Ranges(command),
        _ when Is(number, IommufdUapi.IoasMap) => MapCommands.Map(command),
        _ when Is(number, IommufdUapi.IoasUnmap) => MapCommands.Unmap(command),
        _ when Is(number, IommufdUapi.Option) => OptionCommands.Option(command),
        _ when Is(number, IommufdUapi.VfioIoas) => OptionCommands.VfioIoas(command),
        _ when Is(number, IommufdUapi.HwptAlloc) => HwptCommands.Allocate(command),
        _ when Is(number, IommufdUapi.GetHwInfo) => HwInfoCommand.Answer(command),
        _ when Is(number, IommufdUapi.HwptSetDirtyTracking) => HwptCommands.SetTracking(command),
        _ when Is(number, IommufdUapi.HwptGetDirtyBitmap) => HwptCommands.GetDirty(command),
        _ when Is(number, IommufdUapi.IoasMapFile) => MapCommands.MapFile(command),
        _ when Is(number, IommufdUapi.IoasChangeProcess) => OptionCommands.ChangeProcess(command),
        _ => Other(number, command),
    };

    private static SysResult Other(uint number, IommufdCommand command) => number switch
    {
        HwptInvalidate => NestedCommands.Invalidate(command),
        FaultQueueAlloc => NestedCommands.AllocateFaultQueue(command),
        ViommuAlloc => NestedCommands.AllocateViommu(command),
        VdeviceAlloc => NestedCommands.AllocateVdevice(),
        VeventqAlloc => NestedCommands.AllocateEventQueue(command),
        HwQueueAlloc => NestedCommands.AllocateHardwareQueue(command),
        _ => Errno.ENOTTY,
    };

    private static bool Is(uint number, IoctlCode code) => code.Number == number + IommufdUapi.Destroy.Number;

    private static Errno AllocateIoas(IommufdCommand command)
    {
        if (command.UInt32(4) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        command.Put(8, command.Context.NewIoas().Id);
        command.Respond();
        return Errno.None;
    }
}
