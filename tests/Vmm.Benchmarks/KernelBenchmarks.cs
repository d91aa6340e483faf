using System.Diagnostics;
using System.Globalization;
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
public static class KernelBenchmarks
{
    private const int Blocks = 31;
    private const ulong Page = 0x1000;
    private const ulong HugePage = 0x20_0000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly LinuxKernel Kernel = new();

    /// <summary>Measures both backends, pages of 4 KiB and 2 MiB.</summary>
    /// <param name="output">Where the table goes.</param>
    /// <param name="quick">Shorter blocks: the shape of the table, not figures to keep.</param>
    /// <param name="program">The C program's file.</param>
    /// <param name="address">A PCI device bound to vfio-pci, alone in its group.</param>
    public static void Run(TextWriter output, bool quick, string program, string address)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteLine($"map+unmap on the kernel of this machine, {Blocks} blocks in turn, time of a pair; ratios block by block to the first C program");
        output.WriteLine($"{"",-24}{"C",12}{"container",12}{"ratio",10}{"C again",10}{"its p95",10}  at most");
        var topology = new SysfsTopologyReader(new DirectorySysfs("/sys")).Read(1);
        if (!topology.TryGetDevice(address, out var device))
        {
            throw new InvalidOperationException($"The machine has no device {address}.");
        }

        var ram = RamBlock.Allocate(Kernel, "pages", 2 * HugePage);
        ram.Bytes(0, (int)ram.Length).Fill(1);
        WithType1(device, container => Both(output, quick, program, container, ram));
        WithIommufd(device, container => Both(output, quick, program, container, ram));
        ram.Retire();
    }

    private static void Both(TextWriter output, bool quick, string program, IDmaContainer container, RamBlock ram)
    {
        Measure(output, program, container, ram, Page, quick ? 50 : 500, 0.10);
        Measure(output, program, container, ram, HugePage, quick ? 5 : 50, 0.03);
    }

    private static void Measure(TextWriter output, string program, IDmaContainer container, RamBlock ram, ulong length, int pairs, double margin)
    {
        var offset = (HugePage - (ram.Address.Value % HugePage)) % HugePage;
        var range = IovaRange.FromLength(0x1_0000_0000, length);
        using var first = KernelPeer.Start(program, container, ram, offset, range);
        using var again = KernelPeer.Start(program, container, ram, offset, range);
        var shapes = new (Func<int, double> Pairs, List<double> Times)[]
        {
            (first.Pairs, []),
            (count => OwnPairs(container, range, ram.Address.Plus(offset), count), []),
            (again.Pairs, []),
        };

        // What is called often is compiled anew, by a thread that needs time of its own.
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < WarmUp)
        {
            _ = shapes[1].Pairs(pairs);
        }

        for (var block = 0; block < Blocks; block++)
        {
            for (var turn = 0; turn < shapes.Length; turn++)
            {
                var shape = shapes[(turn + block) % shapes.Length];
                shape.Times.Add(shape.Pairs(pairs));
            }
        }

        var ours = Ratios(shapes[1].Times, shapes[0].Times);
        var control = Ratios(shapes[2].Times, shapes[0].Times);
        var limit = control[control.Count * 95 / 100] + margin;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{$"{container.Kind}, {length >> 10} KiB",-24}{Figure.Median(shapes[0].Times) / 1e3,9:N1} µs{Figure.Median(shapes[1].Times) / 1e3,9:N1} µs{ours[Blocks / 2],10:N3}{control[Blocks / 2],10:N3}{control[Blocks * 95 / 100],10:N3}  {limit:N3}: {(ours[Blocks / 2] <= limit ? "holds" : "does NOT hold")}"));
    }

    private static double OwnPairs(IDmaContainer container, IovaRange range, HostAddress address, int pairs)
    {
        var start = Stopwatch.GetTimestamp();
        for (var pair = 0; pair < pairs; pair++)
        {
            if (!container.Map(range, address, DmaAccess.ReadWrite).IsOk || !container.Unmap(range, out var unmapped).IsOk || unmapped != (ulong)range.Length)
            {
                throw new InvalidOperationException("The kernel refused a pair.");
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / pairs;
    }

    private static void WithType1(HostDevice device, Action<IDmaContainer> work)
    {
        if (!VfioGroup.TryOpen(Kernel, device.Group!.Value.Value, out var group, out var refusal) || !Type1Container.TryOpen(Kernel, group, out var container, out refusal))
        {
            throw new InvalidOperationException(refusal.ToString());
        }

        work(container);
        container.Detach(group);
        container.Close();
        group.Close();
    }

    private static void WithIommufd(HostDevice device, Action<IDmaContainer> work)
    {
        if (!IommufdContext.TryOpen(Kernel, out var context, out var refusal)
            || !IommufdDevice.TryOpen(Kernel, context, device, null, out var member, out refusal)
            || !IommufdContainer.TryOpen(Kernel, member, out var container, out refusal))
        {
            throw new InvalidOperationException(refusal.ToString());
        }

        work(container);
        container.Detach(member);
        container.Close();
        member.Close();
        context.Close();
    }

    private static List<double> Ratios(List<double> over, List<double> under) => [.. over.Zip(under, (one, other) => one / other).Order()];
}
