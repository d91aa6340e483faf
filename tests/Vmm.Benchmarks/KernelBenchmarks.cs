using System.Diagnostics;
using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

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
    private static readonly LinuxKernel Kernel = new();

    private delegate IEnumerable<Figure> Measurement(IDmaContainer container);

    /// <summary>Both backends, pages of 4 KiB and 2 MiB.</summary>
    /// <param name="program">The C program's file.</param>
    /// <param name="address">A PCI device bound to vfio-pci, alone in its group.</param>
    public static IReadOnlyList<Row> Rows(string program, string address) =>
    [
        new("kernel/type1", run => WithType1(Device(address), container => Both(run, program, container))),
        new("kernel/iommufd", run => WithIommufd(Device(address), container => Both(run, program, container))),
    ];

    private static HostDevice Device(string address) =>
        new SysfsTopologyReader(new DirectorySysfs("/sys")).Read(1).TryGetDevice(address, out var device)
            ? device
            : throw new InvalidOperationException($"The machine has no device {address}.");

    private static List<Figure> Both(Run run, string program, IDmaContainer container)
    {
        var ram = RamBlock.Allocate(Kernel, "pages", 2 * HugePage);
        ram.Bytes(0, (int)ram.Length).Fill(1);
        List<Figure> figures =
        [
            .. Pairs(run, program, container, ram, Page, run.Of(500, quick: 50), 0.10),
            .. Pairs(run, program, container, ram, HugePage, run.Of(50, quick: 5), 0.03),
        ];
        ram.Retire();
        return figures;
    }

    private static IEnumerable<Figure> Pairs(Run run, string program, IDmaContainer container, RamBlock ram, ulong length, int pairs, double margin)
    {
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

    private static IEnumerable<Figure> WithType1(HostDevice device, Measurement work)
    {
        if (!VfioGroup.TryOpen(Kernel, device.Group!.Value.Value, out var group, out var refusal) || !Type1Container.TryOpen(Kernel, group, out var container, out refusal))
        {
            throw new InvalidOperationException(refusal.ToString());
        }

        var figures = work(container);
        container.Detach(group);
        container.Close();
        group.Close();
        return figures;
    }

    private static IEnumerable<Figure> WithIommufd(HostDevice device, Measurement work)
    {
        if (!IommufdContext.TryOpen(Kernel, out var context, out var refusal)
            || !IommufdDevice.TryOpen(Kernel, context, device, null, out var member, out refusal)
            || !IommufdContainer.TryOpen(Kernel, member, out var container, out refusal))
        {
            throw new InvalidOperationException(refusal.ToString());
        }

        var figures = work(container);
        container.Detach(member);
        container.Close();
        member.Close();
        context.Close();
        return figures;
    }
}
