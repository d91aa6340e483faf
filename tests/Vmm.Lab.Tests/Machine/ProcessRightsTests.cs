using Vmm.Lab.Machine;

namespace Vmm.Lab.Tests.Machine;

public class ProcessRightsTests
{
    [Theory]
    [InlineData("Max locked memory         65536                65536                bytes     ", 65536)]
    [InlineData("Max locked memory         unlimited            unlimited            bytes     ", ulong.MaxValue)]
    [InlineData("Max open files            1024                 1024                 files     ", ulong.MaxValue)]
    public void The_soft_limit_on_locked_memory_is_read(string line, ulong expected) =>
        Assert.Equal(expected, ProcessRights.MemlockLimit(["Limit                     Soft Limit           Hard Limit           Units     ", line]));

    [Theory]
    [InlineData("CapEff:\t0000000000004000", true)]
    [InlineData("CapEff:\t000001ffffffbfff", false)]
    [InlineData("CapPrm:\t0000000000004000", false)]
    public void A_capability_is_a_bit_of_the_effective_set(string line, bool expected) =>
        Assert.Equal(expected, ProcessRights.HasCapability([line], 14));

    [Theory]
    [InlineData("flags\t\t: fpu vme la57 rdpid", true)]
    [InlineData("flags\t\t: fpu vme", false)]
    public void Five_levels_are_a_flag_of_the_processor(string line, bool expected) =>
        Assert.Equal(expected, ProcessRights.HasFiveLevels(["processor\t: 0", line]));
}
