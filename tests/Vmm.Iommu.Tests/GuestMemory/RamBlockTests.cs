using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.GuestMemory;

public sealed class RamBlockTests
{
    private readonly LinuxKernel _kernel = new();
    private int _released;

    [Fact]
    public void Memory_goes_back_at_once_when_nobody_leases_it()
    {
        var block = Existing();
        block.Retire();
        Assert.True(block.IsReleased);
        Assert.Equal(1, _released);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Memory_goes_back_once_when_the_last_lease_ends(bool retireFirst)
    {
        var block = Existing();
        Assert.True(block.TryLease(out var first));
        Assert.True(block.TryLease(out var second));
        Assert.Equal(2, block.Leases);
        if (retireFirst)
        {
            block.Retire();
        }

        first.End();
        Assert.False(block.IsReleased);
        second.End();
        Assert.Equal(retireFirst, block.IsReleased);
        block.Retire();
        block.Retire();
        Assert.True(block.IsReleased);
        Assert.Equal(1, _released);
    }

    [Fact]
    public void A_retired_block_gives_no_lease()
    {
        var block = Existing();
        Assert.True(block.TryLease(out var held));
        block.Retire();
        Assert.False(block.TryLease(out var refused));
        Assert.Null(refused.Block);
        Assert.Equal(1, block.Leases);
        held.End();
    }

    [Fact]
    public void A_lease_that_ends_twice_is_a_fault()
    {
        var block = Existing();
        Assert.True(block.TryLease(out var lease));
        lease.End();
        Assert.Throws<InvalidOperationException>(lease.End);
        Assert.Equal(0, block.Leases);
    }

    [Fact]
    public void Ending_no_lease_does_nothing() => default(RamLease).End();

    [Fact]
    public void Leases_and_a_retire_that_race_release_once()
    {
        for (var round = 0; round < 200; round++)
        {
            _released = 0;
            var block = Existing();
            using var start = new Barrier(4);
            var threads = Enumerable.Range(0, 4).Select(number => new Thread(() =>
            {
                start.SignalAndWait();
                if (number == 0)
                {
                    block.Retire();
                    return;
                }

                for (var turn = 0; turn < 50 && block.TryLease(out var lease); turn++)
                {
                    Assert.False(block.IsReleased);
                    lease.End();
                }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            Assert.True(block.IsReleased);
            Assert.Equal(1, _released);
        }
    }

    [Fact]
    public void Guest_memory_of_our_own_can_be_written_and_read()
    {
        var block = RamBlock.Allocate(_kernel, "pc.ram", 0x1800);
        Assert.Equal(0x2000u, block.Length);
        Assert.True(block.IsShared);
        block.Write(0x1fff, [7]);
        var read = new byte[2];
        block.Read(0x1ffe, read);
        Assert.Equal([0, 7], read);
        block.Retire();
        Assert.Throws<ObjectDisposedException>(() => block.Bytes(0, 1).Length);
    }

    [Theory]
    [InlineData(0x2001, 0)]
    [InlineData(0x2000, 1)]
    [InlineData(0, 0x2001)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(1, 0x2000)]
    [InlineData(0, -1)]
    public void Bytes_outside_the_block_are_refused(ulong offset, int length)
    {
        var block = RamBlock.Allocate(_kernel, "pc.ram", 0x2000);
        Assert.Throws<ArgumentOutOfRangeException>(() => block.Bytes(offset, length).Length);
        Assert.Equal(0, block.Bytes(0x2000, 0).Length);
        block.Retire();
    }

    [Fact]
    public void Memory_that_cannot_be_had_is_a_fault_that_says_why()
    {
        var fault = Assert.Throws<IommuException>(() => RamBlock.Allocate(_kernel, "huge", 1UL << 62));
        Assert.Equal(Errno.ENOMEM, fault.Errno);
        Assert.Equal("mmap", fault.Operation);
        Assert.Contains("huge", fault.Target, StringComparison.Ordinal);
    }

    private RamBlock Existing() =>
        RamBlock.FromExisting("pc.ram", new HostAddress(0x1000), 0x1000, released: () => Interlocked.Increment(ref _released));
}
