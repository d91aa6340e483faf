using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Mappings;

namespace Vmm.Benchmarks;

/// <summary>The table of what a container has mapped: how large it is, and what its size costs a pair of map and unmap.</summary>
internal static class MappingBenchmarks
{
    private const int Large = 1_000_000;
    private const int Small = 1_000;
    private const ulong Page = 0x1000;
    private const int Places = 1 << 24;

    /// <summary>The rows.</summary>
    public static IReadOnlyList<Row> Rows { get; } = [new("mappings/memory", Memory), new("mappings/pairs", Pairs)];

    /// <summary>All that is alive: leaves, the indexes over them, and what mappings share.</summary>
    private static IEnumerable<Figure> Memory(Run run)
    {
        var ram = RamBlock.FromExisting("ram", new HostAddress(1UL << 40), Places * Page);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var table = Filled(Large, ram);
        var fresh = GC.GetTotalMemory(forceFullCollection: true) - before;
        var random = new Random(2);
        for (var step = 0; step < run.Of(3 * Large, quick: Large / 10); step++)
        {
            // The next mapping behind a random place goes, and another comes anywhere.
            if (table.TryFirstOverlap(IovaRange.FromBounds(Anywhere(random).Start.Value, ulong.MaxValue), out var mapping) && table.TryRemove(mapping.Range.Start, out mapping))
            {
                mapping.Lease.End();
                while (!TryAdd(table, ram, Anywhere(random)))
                {
                }
            }
        }

        var settled = GC.GetTotalMemory(forceFullCollection: true) - before;
        return
        [
            Figure.Counted($"a mapping, {Large:N0} live at random places", "bytes", (double)fresh / Large, Aim.AtMost(48, "<= 48 bytes")),
            Figure.Counted("the same when they have replaced each other at random", "bytes", (double)settled / table.Count, Aim.AtMost(48, "<= 48 bytes")),
        ];
    }

    /// <summary>As a container does them, with calls that the kernel refuses at once: /dev/null knows no ioctl.</summary>
    private static IEnumerable<Figure> Pairs(Run run)
    {
        var pairs = run.Of(100_000, quick: 5_000);
        var ram = RamBlock.FromExisting("ram", new HostAddress(1UL << 40), Places * Page);
        var (small, large) = (Filled(Small, ram), Filled(Large, ram));
        var kernel = new LinuxKernel();
        var opened = kernel.Open("/dev/null");
        if (!opened.IsOk)
        {
            throw new InvalidOperationException($"/dev/null: {opened.Errno}");
        }

        var descriptor = (int)opened.Value;
        var measured = run.Alternate(
            new Shape(pairs, () => PairsAt(small, ram, kernel, descriptor, pairs, isAnywhere: true)),
            new Shape(pairs, () => PairsAt(large, ram, kernel, descriptor, pairs, isAnywhere: true)),
            new Shape(pairs, () => PairsAt(small, ram, kernel, descriptor, pairs, isAnywhere: false)),
            new Shape(pairs, () => PairsAt(large, ram, kernel, descriptor, pairs, isAnywhere: false)),
            new Shape(pairs, () => Calls(kernel, descriptor, pairs)));
        kernel.Close(descriptor);
        return
        [
            measured.Time(0, "pair of table and ioctl, 1,000 live, random places", Aim.None),
            measured.Time(1, "pair of table and ioctl, 1,000,000 live, random places", Aim.None),
            measured.Time(4, "the ioctls of a pair by themselves", Aim.None),
            measured.Ratio(1, 0, "1,000,000 live / 1,000 live, random places", Aim.AtMost(2.5, "<= 2.5×")),
            measured.Ratio(3, 2, "1,000,000 live / 1,000 live, one place", Aim.AtMost(2.5, "<= 2.5×")),
        ];
    }

    private static void PairsAt(MappingTable table, RamBlock ram, LinuxKernel kernel, int descriptor, int pairs, bool isAnywhere)
    {
        var random = new Random(3);
        for (var pair = 0; pair < pairs; pair++)
        {
            var range = isAnywhere ? Anywhere(random) : IovaRange.FromLength(Places * Page / 2, Page);
            if (TryAdd(table, ram, range))
            {
                VfioCalls.IommuMapDma(kernel, descriptor, range, ram.Address, DmaAccess.ReadWrite);
                VfioCalls.IommuUnmapDma(kernel, descriptor, range, out _);
                table.TryRemove(range.Start, out var mapping);
                mapping.Lease.End();
            }
        }
    }

    private static void Calls(LinuxKernel kernel, int descriptor, int pairs)
    {
        for (var pair = 0; pair < pairs; pair++)
        {
            VfioCalls.IommuMapDma(kernel, descriptor, IovaRange.FromLength(0, Page), new HostAddress(Page), DmaAccess.ReadWrite);
            VfioCalls.IommuUnmapDma(kernel, descriptor, IovaRange.FromLength(0, Page), out _);
        }
    }

    private static MappingTable Filled(int count, RamBlock ram)
    {
        var (table, random) = (new MappingTable(), new Random(1));
        while (table.Count < count)
        {
            TryAdd(table, ram, Anywhere(random));
        }

        return table;
    }

    private static IovaRange Anywhere(Random random) => IovaRange.FromLength((ulong)random.Next(Places) * Page, Page);

    private static bool TryAdd(MappingTable table, RamBlock ram, IovaRange range)
    {
        if (ram.TryLease(out var lease) && table.TryAdd(new(range, lease, 0, DmaAccess.ReadWrite, MappingState.Live)))
        {
            return true;
        }

        lease.End();
        return false;
    }
}
