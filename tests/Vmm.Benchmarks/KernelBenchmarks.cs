using System.Diagnostics;
using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;

namespace Vmm.Benchmarks;

/// <summary>
/// What a container's calls cost on this machine's own kernel, against a C program that makes the same ioctls on the same container
/// and the same pages. A second such program beside is the control: what it differs from the first is the machine's noise.
/// </summary>
internal static class KernelBenchmarks
{
    private const int Blocks = 31;
    private const ulong Page = 0x1000;
    private const ulong HugePage = 0x20_0000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    /// <summary>Both backends: pages of 4 KiB and 2 MiB, and what the hot path comes to.</summary>
    /// <param name="program">The C program's file.</param>
    /// <param name="device">A PCI device bound to vfio-pci, alone in its group.</param>
    /// <param name="other">A second one.</param>
    public static IReadOnlyList<Row> Rows(string program, string device, string other) =>
    [
        .. RowsOf("kernel/type1", program, () => HotContainer.Type1(LinuxKernel.Create(), device, other)),
        .. RowsOf("kernel/iommufd", program, () => HotContainer.Iommufd(LinuxKernel.Create(), device, other)),
    ];

    private static IReadOnlyList<Row> RowsOf(string backend, string program, Func<HotContainer> open) =>
    [
        new(backend, run => Both(run, program, open)),
        .. HotPathBenchmarks.RowsOver($"{backend}-", open, new HotShape(Pairs: 2_000, Batches: 8) { PostedMaps = Aim.AtLeast(5, ">= 5×") }),
        HotPathLatencies.AttachRow($"{backend}-attach", open, pairs: 4_000),
    ];

    private static List<Figure> Both(Run run, string program, Func<HotContainer> open)
    {
        using var opened = open();
        return
        [
            .. Pairs(run, program, opened, Page, run.Of(500, quick: 50), 0.10),
            .. Pairs(run, program, opened, HugePage, run.Of(50, quick: 5), 0.03),
        ];
    }

    private static IEnumerable<Figure> Pairs(Run run, string program, HotContainer opened, ulong length, int pairs, double margin)
    {
        var (container, ram) = (opened.Container, opened.Ram);
        var offset = (HugePage - (ram.Address.Value % HugePage)) % HugePage;
        var range = IovaRange.FromLength(0x1_0000_0000, length);
        using var first = KernelPeer.Start(program, container, ram, offset, range);
        using var again = KernelPeer.Start(program, container, ram, offset, range);

        // What is called often is compiled anew, by a thread that needs time of its own.
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < WarmUp)
        {
            OwnPairs(container, range, ram.Address.Plus(offset), pairs);
        }

        // The control is a second program, not the first once more: what differs between two processes is noise as well.
        var measured = (run with { Blocks = Blocks }).Alternate(
            Of(first, pairs),
            new Shape(pairs, () => OwnPairs(container, range, ram.Address.Plus(offset), pairs)),
            Of(again, pairs));
        var control = Spread.Of(Statistics.Ratios(measured[2].Times, measured[0].Times));
        var limit = control.P95 + margin;
        var pages = $"{length >> 10} KiB";
        return
        [
            measured.Time(0, $"map+unmap, {pages}, the C program", Aim.None),
            measured.Time(1, $"map+unmap, {pages}, the container", Aim.None),
            measured.Ratio(1, 0, $"map+unmap, {pages}, container / C program", Aim.AtMost(limit, $"<= {limit:N2}×, the control's p95 and {margin:P0}")) with { Control = control },
        ];
    }

    private static Shape Of(KernelPeer peer, int pairs)
    {
        var spent = 0.0;
        return new Shape(pairs, () => spent = peer.Pairs(pairs) * pairs) { Clock = () => spent };
    }

    private static void OwnPairs(IDmaContainer container, IovaRange range, HostAddress address, int pairs)
    {
        for (var pair = 0; pair < pairs; pair++)
        {
            if (!container.Map(range, address, DmaAccess.ReadWrite).IsOk || !container.Unmap(range, out var unmapped).IsOk || unmapped != (ulong)range.Length)
            {
                throw new InvalidOperationException("The kernel refused a pair.");
            }
        }
    }
}
