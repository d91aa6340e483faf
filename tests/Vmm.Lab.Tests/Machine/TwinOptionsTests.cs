using Vmm.Iommu.Topology;
using Vmm.Lab.Machine;

namespace Vmm.Lab.Tests.Machine;

public class TwinOptionsTests
{
    [Theory]
    [InlineData(65536UL, true, false)]
    [InlineData(ulong.MaxValue, false, true)]
    public void The_emulated_kernel_lets_the_process_do_what_the_running_one_does(ulong limit, bool locks, bool doesRawIo)
    {
        var options = TwinOptions.Of(new ProcessRights { SoftLimit = limit, HasIpcLock = locks, HasRawIo = doesRawIo }, 77, allowsUnsafeInterrupts: true);
        Assert.Equal((limit, locks, doesRawIo, 77u, true), (options.MemlockLimit, options.HasIpcLock, options.HasRawIo, options.DmaEntryLimit, options.AllowUnsafeInterrupts));
    }

    [Theory]
    [InlineData("flags\t\t: fpu vme la57 rdpid", true)]
    [InlineData("flags\t\t: fpu vme", false)]
    public void Five_levels_are_a_flag_of_the_processor(string line, bool expected) =>
        Assert.Equal(expected, TwinOptions.HasFiveLevels(["processor\t: 0", line]));
}
