using System.Buffers.Binary;
using Vmm.Iommu.Mappings;
using Vmm.Testing.Emulation;

namespace Vmm.Benchmarks.Soaking;

/// <summary>Compares kernel, tables and leases while nothing runs and nothing fails.</summary>
/// <param name="kernel">The kernel; its devices read what is mapped for them.</param>
/// <param name="memory">The guest's memory.</param>
/// <param name="containers">Every container that is open.</param>
internal sealed class SoakCheck(EmulatedKernel kernel, SoakMemory memory, IReadOnlyList<SoakContainer> containers)
{
    /// <summary>Unmaps what is Dying, then compares.</summary>
    /// <param name="tally">Where what was Dying still is counted.</param>
    /// <exception cref="SoakViolationException">They differ; says where.</exception>
    public void Run(SoakTally tally)
    {
        foreach (var container in containers)
        {
            UnmapDying(container, tally);
        }

        Compare();
    }

    /// <summary>Compares.</summary>
    /// <exception cref="SoakViolationException">They differ; says where.</exception>
    public void Compare()
    {
        var tables = containers.Select(container => container.Ask(turn => turn.Table.ToList())).ToList();
        for (var at = 0; at < containers.Count; at++)
        {
            CompareCounts(containers[at], tables[at]);
            ComparePages(containers[at], tables[at]);
        }

        CompareCensus(tables);
        foreach (var block in memory.Blocks)
        {
            var mapped = tables.Sum(table => table.Count(mapping => mapping.Lease.Block == block));
            Hold(block.Leases == mapped, $"{block.Name} has {block.Leases} leases, and the tables have {mapped} mappings of it");
        }
    }

    private static void UnmapDying(SoakContainer container, SoakTally tally)
    {
        foreach (var mapping in container.Ask(turn => turn.Table.Where(mapping => mapping.State == MappingState.Dying).ToList()))
        {
            var result = container.Ask(turn => turn.Unmap(mapping.Range));
            Hold(result.IsOk, $"{container.Ring.Name}: {mapping.Range} stays Dying though nothing fails: {result}");
            tally.Count("left Dying by others, unmapped while all were held");
        }
    }

    private static void CompareCounts(SoakContainer container, List<LiveMapping> table)
    {
        var name = container.Ring.Name;
        Hold(container.Ring.CompletionFault is null, $"{name}: a completion threw: {container.Ring.CompletionFault}");
        var (state, hot) = container.Ask(turn => (turn.GetState(), turn.HotWindows));
        Hold(state.Mappings == table.Count && state.Hot == table.Count(mapping => mapping.IsHot), $"{name}: the table counts wrong: {state}");
        Hold(state.Bytes == table.Aggregate(UInt128.Zero, (sum, mapping) => sum + mapping.Range.Length), $"{name}: the table sums up wrong: {state}");
        Hold(table.TrueForAll(mapping => mapping.IsHot ? hot.Contains(mapping.Range) : !hot.Overlaps(mapping.Range)), $"{name}: hot and view are mixed in {hot}");
        var left = container.InfoNow?.EntriesLeft;
        Hold(left == state.EntriesLeft, $"{name}: the kernel has {left} entries left, and the turn says {state.EntriesLeft}");
    }

    /// <summary>A device of each member reads each page: it finds what the table says, or nothing.</summary>
    private void ComparePages(SoakContainer container, List<LiveMapping> table)
    {
        var marks = new ulong?[SoakPlaces.Pages];
        foreach (var mapping in table)
        {
            for (var at = 0UL; at < (ulong)mapping.Range.Length; at += SoakPlaces.Page)
            {
                marks[SoakPlaces.PageOf(mapping.Range.Start) + (int)(at / SoakPlaces.Page)] = SoakMemory.MarkAt(mapping.Lease.Block!, mapping.Offset + at);
            }
        }

        Span<byte> read = stackalloc byte[sizeof(ulong)];
        foreach (var member in container.Members)
        {
            for (var page = 0; page < SoakPlaces.Pages; page++)
            {
                var outcome = kernel.DmaRead(SoakMachine.DeviceOf(member.Group), SoakPlaces.At(page, 1).Start, read);
                var found = outcome.IsCompleted ? BinaryPrimitives.ReadUInt64LittleEndian(read) : (ulong?)null;
                Hold(
                    found == marks[page] && outcome.Fault is DmaFault.None or DmaFault.NotMapped,
                    $"{container.Ring.Name}: the table has {Words(marks[page])} at page {page}, and {member.Name} finds {Words(found)} ({outcome})");
            }
        }
    }

    private void CompareCensus(List<List<LiveMapping>> tables)
    {
        var census = kernel.Census();
        var counts = string.Join('+', tables.Select(table => table.Count).Where(count => count > 0).Order());
        var isIommufd = census.Iommufds > 0;
        Hold(
            isIommufd ? census.Areas == tables.Sum(table => table.Count) : string.Join('+', census.Mappings.Order()) == counts,
            $"the tables have {counts} mappings, and the kernel {census}");
        var pages = tables.Sum(table => table.Sum(mapping => (long)(mapping.Range.Length / SoakPlaces.Page)));
        Hold(census.PinnedPages == (ulong)pages, $"the tables have {pages} pages, and the kernel {census}");
        Hold(isIommufd ? census.Ioases == containers.Count : census.Containers == containers.Count, $"{containers.Count} containers are open, and the kernel has {census}");
    }

    private static string Words(ulong? mark) => mark is null ? "nothing" : $"mark {mark:x}";

    private static void Hold(bool holds, string words)
    {
        if (!holds)
        {
            throw new SoakViolationException(words);
        }
    }
}
