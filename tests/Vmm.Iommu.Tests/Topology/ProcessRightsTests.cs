using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Iommu.Tests.Topology;

public sealed class ProcessRightsTests
{
    private const string FirstNamespace = "         0          0 4294967295\n";

    [Fact]
    public void Limits_rights_and_what_is_locked_are_read()
    {
        var rights = ProcessRights.Read(Proc("8388608", "unlimited", "00000000000a4000", FirstNamespace, locked: 12, pinned: 20));

        Assert.Equal((8388608UL, ulong.MaxValue, 12288UL, 20480UL), (rights.SoftLimit, rights.HardLimit, rights.Locked, rights.Pinned));
        Assert.Equal((true, true, false), (rights.HasIpcLock, rights.HasRawIo, rights.IsInUserNamespace));
        Assert.True(rights.IsUnlimited);
    }

    [Theory]
    [InlineData("0000000000000000", false, false)]
    [InlineData("0000000000004000", true, false)]
    [InlineData("0000000000020000", false, true)]
    [InlineData("000001ffffffffff", true, true)]
    public void Capabilities_are_bits(string bits, bool hasIpcLock, bool hasRawIo)
    {
        var rights = ProcessRights.Read(Proc("0", "0", bits, FirstNamespace));
        Assert.Equal((hasIpcLock, hasRawIo), (rights.HasIpcLock, rights.HasRawIo));
    }

    [Theory]
    [InlineData("         0     100000      65536\n")]
    [InlineData("         0          0          1\n")]
    [InlineData("         0       1000          1\n         1     100000      65536\n")]
    public void Capabilities_of_a_user_namespace_are_none(string map)
    {
        var rights = ProcessRights.Read(Proc("65536", "65536", "000001ffffffffff", map));
        Assert.Equal((true, false, false, false), (rights.IsInUserNamespace, rights.HasIpcLock, rights.HasRawIo, rights.IsUnlimited));
    }

    [Fact]
    public void What_cannot_be_read_is_unknown()
    {
        var rights = ProcessRights.Read(new TextProc());
        Assert.Equal(new ProcessRights(), rights);
        Assert.False(rights.IsUnlimited);
    }

    [Theory]
    [InlineData("VmLck:\t      12 kB\nVmPin:\t       0 kB\n", 12288UL, 0UL)]
    [InlineData("VmLck:\t      12 kB\n", 12288UL, null)]
    [InlineData("VmPin:\t      20 kB\n", null, 20480UL)]
    [InlineData("VmLck:\t  locked kB\nVmPin:\n", null, null)]
    [InlineData("", null, null)]
    public void A_counter_that_cannot_be_read_is_unknown_and_not_none(string status, ulong? locked, ulong? pinned)
    {
        var rights = ProcessRights.Read(new TextProc { ["self/status"] = status });
        Assert.Equal((locked, pinned), (rights.Locked, rights.Pinned));
    }

    [Fact]
    public void The_emulated_kernel_shows_its_options()
    {
        using var kernel = new EmulatedKernel(
            EmulatedHost.Build(host => host.Group(1).Device("0000:01:00.0")),
            new EmulatedKernelOptions { MemlockLimit = 65536, HasIpcLock = true, HasRawIo = false });

        var rights = ProcessRights.Read(kernel.ToHostKernel().Proc);

        Assert.Equal((65536UL, 65536UL, 0UL), (rights.SoftLimit, rights.HardLimit, rights.Locked));
        Assert.Equal((true, false), (rights.HasIpcLock, rights.HasRawIo));
        Assert.StartsWith("7.2", kernel.ToHostKernel().Proc.ReadText("sys/kernel/osrelease").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void This_process_has_limits()
    {
        var proc = LinuxKernel.Create().Proc;
        Assert.NotNull(ProcessRights.Read(proc).SoftLimit);
        Assert.NotNull(ProcessRights.Read(proc).HasIpcLock);
        Assert.True(proc.ReadText("sys/kernel/osrelease").IsOk);
    }

    private static TextProc Proc(string soft, string hard, string bits, string map, int locked = 0, int pinned = 0) => new()
    {
        ["self/limits"] = $"Limit  Soft Limit  Hard Limit  Units\nMax open files  1024  4096  files\nMax locked memory         {soft,-20} {hard,-20} bytes     \n",
        ["self/status"] = $"Name:\tvmm\nVmLck:\t{locked,8} kB\nVmPin:\t{pinned,8} kB\nCapPrm:\t0000000000000000\nCapEff:\t{bits}\n",
        ["self/uid_map"] = map,
    };
}
