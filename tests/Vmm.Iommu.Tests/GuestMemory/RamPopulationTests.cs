using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.GuestMemory;

public sealed class RamPopulationTests
{
    private const ulong Base = 0x7000_0000_0000;
    private const ulong MiB = 1 << 20;

    private readonly List<PopulationProgress> _progress = [];

    public static TheoryData<int, string> Errors => new()
    {
        { 12, "ENOMEM" },
        { 14, "EFAULT" },
        { 22, "does not support" },
        { 133, "EHWPOISON" },
        { 999, "errno 999" },
    };

    [Fact]
    public async Task A_block_is_populated_in_slices_each_byte_once()
    {
        var memory = new ScriptedMemory();
        var population = new RamPopulation(memory, [Piece(Block(200 * MiB))], _progress.Add);

        Assert.Equal(4UL, population.Slices);
        Drain(population);

        var outcome = await population.Ended;
        Assert.True(outcome.IsDone);
        Assert.Equal(200 * MiB, outcome.Done);
        Assert.Equal(
            [(Base, 64 * MiB, true), (Base + (64 * MiB), 64 * MiB, true), (Base + (128 * MiB), 64 * MiB, true), (Base + (192 * MiB), 8 * MiB, true)],
            memory.Populated);
        Assert.Equal([64 * MiB, 128 * MiB, 192 * MiB, 200 * MiB], _progress.Select(step => step.Done));
        Assert.All(_progress, step => Assert.Equal(200 * MiB, step.Total));
    }

    [Fact]
    public void A_slice_holds_whole_huge_pages()
    {
        var memory = new ScriptedMemory();
        var block = RamBlock.FromExisting("huge", new HostAddress(Base), 2048 * MiB, pageSize: 1024 * MiB);

        Drain(new RamPopulation(memory, [Piece(block)]));

        Assert.Equal([1024 * MiB, 1024 * MiB], memory.Populated.Select(call => call.Length));
    }

    [Fact]
    public async Task What_devices_only_read_is_populated_for_reading()
    {
        var memory = new ScriptedMemory();
        var block = Block(MiB);
        var population = new RamPopulation(memory, [Piece(block) with { IsWritable = false, Offset = 0x1000, Length = 0x2000 }]);

        Drain(population);

        Assert.True((await population.Ended).IsDone);
        Assert.Equal([(Base + 0x1000, 0x2000UL, false)], memory.Populated);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task The_first_error_ends_it_and_keeps_its_errno(int errno, string words)
    {
        var memory = new ScriptedMemory(address => address == Base + (64 * MiB) ? new Errno(errno) : SysResult.Ok);
        var population = new RamPopulation(memory, [Piece(Block(640 * MiB))]);

        Drain(population);

        var outcome = await population.Ended;
        Assert.False(outcome.IsDone);
        Assert.Equal((errno, 64 * MiB, 64 * MiB), (outcome.Errno.Number, outcome.Done, outcome.At!.Value.Offset));
        Assert.Equal(errno == 22, outcome.IsNotSupported);
        Assert.Contains(words, outcome.Words, StringComparison.Ordinal);
        Assert.Equal(2, memory.Populated.Count);
    }

    [Fact]
    public async Task An_interrupted_slice_is_asked_for_again()
    {
        var rounds = 0;
        var memory = new ScriptedMemory(_ => ++rounds < 4 ? Errno.EINTR : SysResult.Ok);
        var population = new RamPopulation(memory, [Piece(Block(MiB))]);

        Drain(population);

        Assert.True((await population.Ended).IsDone);
        Assert.Equal(4, rounds);
    }

    [Fact]
    public async Task A_cancel_begins_no_further_slice_and_gives_the_memory_back()
    {
        using var cancel = new CancellationTokenSource();
        var memory = new ScriptedMemory();
        var block = Block(640 * MiB);
        var population = new RamPopulation(memory, [Piece(block)], cancel: cancel.Token);

        Assert.True(population.PopulateNext());
        Assert.Equal(1, block.Leases);
        cancel.Cancel();
        Assert.False(population.PopulateNext());

        var outcome = await population.Ended;
        Assert.True(outcome.IsCanceled);
        Assert.Equal((64 * MiB, 0), (outcome.Done, block.Leases));
        Assert.Single(memory.Populated);
        Assert.Contains("taken back after 67108864 of 671088640 bytes", outcome.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_waits_for_the_slices_that_are_under_way()
    {
        RamPopulation? population = null;
        var endedInside = false;
        var memory = new ScriptedMemory(_ =>
        {
            population!.Cancel();
            Assert.False(population.PopulateNext());
            endedInside = population.Ended.IsCompleted;
            return SysResult.Ok;
        });
        population = new RamPopulation(memory, [Piece(Block(640 * MiB))]);

        Assert.False(population.PopulateNext());

        Assert.False(endedInside);
        Assert.True((await population.Ended).IsCanceled);
    }

    [Fact]
    public async Task Memory_is_held_until_the_end_whoever_retires_it()
    {
        var isReleased = false;
        var block = RamBlock.FromExisting("dimm", new HostAddress(Base), 128 * MiB, released: () => isReleased = true);
        var population = new RamPopulation(new ScriptedMemory(), [Piece(block)]);

        population.PopulateNext();
        block.Retire();
        Assert.False(isReleased);
        Drain(population);

        Assert.True((await population.Ended).IsDone);
        Assert.True(isReleased);
    }

    [Fact]
    public async Task A_retired_block_is_not_touched()
    {
        var block = Block(MiB);
        block.Retire();
        var memory = new ScriptedMemory();
        var population = new RamPopulation(memory, [Piece(block)]);

        Assert.False(population.PopulateNext());

        Assert.Equal(Errno.EBADF, (await population.Ended).Errno);
        Assert.Empty(memory.Populated);
    }

    [Fact]
    public async Task Nothing_to_populate_is_done_at_once()
    {
        var population = new RamPopulation(new ScriptedMemory(), []);

        Assert.True((await population.Start(4)).IsDone);
    }

    [Fact]
    public async Task Threads_share_the_slices_of_real_memory()
    {
        var kernel = new LinuxKernel();
        var ram = RamBlock.Allocate(kernel, "populated", 160 * MiB);

        var outcome = await new RamPopulation(kernel, [Piece(ram)], _progress.Add).Start(2);

        Assert.True(outcome.IsDone || outcome.IsNotSupported, outcome.Words);
        Assert.Equal(outcome.Done, _progress.Select(step => step.Done).LastOrDefault());
        Assert.Equal(0, ram.Leases);
        ram.Retire();
        Assert.True(ram.IsReleased);
    }

    private static RamBlock Block(ulong length) => RamBlock.FromExisting("ram", new HostAddress(Base), length);

    private static RamPiece Piece(RamBlock block) => new(block, 0, block.Length, IsWritable: true);

    private static void Drain(RamPopulation population)
    {
        while (population.PopulateNext())
        {
        }
    }
}
