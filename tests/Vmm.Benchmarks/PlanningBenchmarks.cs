using Akka.Actor;
using Akka.Configuration;
using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Benchmarks;

/// <summary>What it costs to decide: an attach that is refused, a view of 1 TiB, a change of one section among many.</summary>
internal static class PlanningBenchmarks
{
    private const int Live = 10_000;
    private const ulong Page = 0x1000;
    private const string Inside = "0000:01:00.0";
    private const string Refused = "0000:02:00.0";

    internal const string Quiet = """
        akka.loglevel = ERROR
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy"
        """;

    private static readonly Aim UnderTwoMilliseconds = Aim.AtMost(2e6, "< 2 ms");

    // Over one section in the middle, as a doorbell lies in guest RAM.
    private static readonly IovaRange Doorbell = IovaRange.FromLength(Live * Page, Page);

    /// <summary>The rows.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
    [
        new("planning/refused", RefusedAttach),
        new("planning/refused-in-a-vm", RefusedAttachInActors),
        new("planning/q35-1t", run => Large(run, "1 TiB of q35 (q35-1t.txt)", Captured())),
        new("planning/one-section", run => Large(run, "1 TiB in one section", Flat((1UL << 32, 1UL << 40)))),
        new("planning/1024-sections", run => Large(run, "1 TiB in 1,024 sections", Flat([.. Enumerable.Range(0, 1024).Select(at => ((ulong)at << 31, 1UL << 30))]))),
        new("planning/change", run => Change(run, MappingPlanMode.Steady)),
        new("planning/change-qemu", run => Change(run, MappingPlanMode.Qemu)),
    ];

    /// <summary>The plan alone: all that <c>vmm plan</c> works out, and the verdict by itself.</summary>
    private static IEnumerable<Figure> RefusedAttach(Run run)
    {
        var times = run.Of(100, quick: 5);
        var host = Host();
        using var kernel = new EmulatedKernel(host);
        var topology = new SysfsTopologyReader(kernel).Read(1);
        var ram = RamBlock.FromExisting("ram", new HostAddress(1UL << 40), Live * Page);
        var view = Scattered(ram);
        var paper = new PlannedSpace(topology, view, SectionFilter.FourKiB, AttachPolicy.Default, []);
        if (!topology.TryGetDevice(Inside, out var inside) || !topology.TryGetDevice(Refused, out var refused))
        {
            throw new InvalidOperationException("The host has no devices.");
        }

        var first = paper.RequestFor(inside);
        paper.Attach(inside, first, AttachPlan.For(first));
        var few = Math.Max(times / 2, 3);
        var request = paper.RequestFor(refused);

        // Ten times the usual warming up: this comes first, when nothing that it calls is compiled yet, and each stage takes a while.
        var measured = (run with { WarmUps = 10 }).Alternate(
            new Shape(times, () => Repeat(times, () => Expect<AttachPlan.Refuse>(AttachPlan.For(request)))),
            new Shape(few, () => Repeat(few, () =>
            {
                var asked = paper.RequestFor(refused);
                Expect<AttachPlan.Refuse>(AttachPlan.For(asked));
                paper.Detail(asked);
            })));
        return
        [
            measured.Time(0, $"the verdict, {paper.Containers[0].Mappings.Count:N0} live", UnderTwoMilliseconds),
            measured.Time(1, "conflicts, costs, layout: all of vmm plan", UnderTwoMilliseconds),
        ];
    }

    /// <summary>The same through the actors on the emulated kernel: asked for, and tried.</summary>
    private static Figure[] RefusedAttachInActors(Run run) => Task.Run(async () =>
    {
        var times = run.Of(20, quick: 3);
        using var kernel = new EmulatedKernel(Host());
        using var system = ActorSystem.Create("planning", ConfigurationFactory.ParseString(Quiet));
        await using var vmm = VmmClient.Create(system, new VmmSettings(kernel.ToHostKernel(), new IoctlWorkers(), new NoRamDiscard()));
        var space = await vmm.CreateAddressSpaceAsync("memory");
        var ram = RamBlock.Allocate(kernel, "ram", Live * Page);
        await space.CommitViewAsync(Scattered(ram));
        if (await space.AttachDeviceAsync(Inside) is not { IsAttached: true })
        {
            throw new InvalidOperationException("The first device is refused.");
        }

        var pinned = kernel.Census().PinnedPages;
        var measured = run.Alternate(
            new Shape(times, () => Repeat(times, () => Expect<AttachPlan.Refuse>(Answer(space.PlanAttachAsync(Refused)).Plan))),
            new Shape(times, () => Repeat(times, () => Expect<Refusal>(Answer(space.AttachDeviceAsync(Refused)).Refusal))));
        var note = $"{kernel.Census().PinnedPages - pinned} pages pinned";
        await space.DisposeAsync();
        ram.Retire();
        return new[]
        {
            measured.Time(0, "planned by the actors of a running VM", UnderTwoMilliseconds),
            measured.Time(1, "attach tried and refused", UnderTwoMilliseconds) with { Note = note },
        };
    }).GetAwaiter().GetResult();

    private static IEnumerable<Figure> Large(Run run, string name, FlatView view)
    {
        var times = run.Of(100, quick: 5);
        var entries = 0;
        var measured = run.Alternate(new Shape(times, () => Repeat(times, () => entries = First(view).Plan.Additions.Count)));
        return
        [
            measured.Time(0, $"{name}, planned", Aim.AtMost(5e6, "< 5 ms")),
            Figure.Counted($"{name}, entries", "entries", entries, Aim.AtMost(1_200, "<= 1,200")),
        ];
    }

    /// <summary>One section becomes read-only and writable again, and each time the plan is made as a container makes it.</summary>
    private static IEnumerable<Figure> Change(Run run, MappingPlanMode mode)
    {
        var times = run.Of(2_000, quick: 50);
        var few = Math.Max(times / 50, 1);
        var ram = RamBlock.FromExisting("ram", new HostAddress(1UL << 40), (Live + 1) * Page);
        var before = Scattered(ram);
        var changed = before[Live / 2];
        var after = before.Edit([changed], [changed with { ReadOnly = true }]);
        var unshared = new FlatView(after);
        var (target, plan) = First(before, mode);
        var table = Mapped(plan);
        var measured = run.Alternate(
            new Shape(times * 2, () => Repeat(times, () => ThereAndBack(after))),
            new Shape(times, () => Repeat(times, () => before.Edit([changed], [changed with { ReadOnly = true }]))),
            new Shape(few * 2, () => Repeat(few, () => ThereAndBack(unshared))),
            new Shape(few, () => Repeat(few, () => Expect(1, 1, MappingPlan.ForView(
                table, MappingPlan.TargetOf(SectionFilter.FourKiB.Filter(after)), MappingRules.For(SectionFilter.FourKiB.Filter(after), PageSizes.FourKiB, 65_535, ValidIovaRanges.All, mode))))));
        return
        [
            measured.Time(0, $"one of {table.Count:N0} sections changes: its plan", Aim.AtMost(100e3, "< 100 µs")),
            measured.Time(1, "the view edited", Aim.None),
            measured.Time(2, "its plan, from a view that shares nothing", Aim.None),
            measured.Time(3, "the plan of the whole view instead", Aim.None),
        ];

        void ThereAndBack(FlatView view)
        {
            Expect(1, 1, Change(target, table, view, mode));
            Change(target, table, before, mode);
        }
    }

    private static MappingPlan Change(ViewTarget target, MappingTable table, FlatView view, MappingPlanMode mode)
    {
        var (removed, added) = target.Advance(view);
        return MappingPlan.ForChange(table, target.Sections, removed, added, target.RulesFor(mode, 65_535, ValidIovaRanges.All));
    }

    /// <summary>The plan of a view for a new container, as the container makes it.</summary>
    private static (ViewTarget Target, MappingPlan Plan) First(FlatView view, MappingPlanMode mode = MappingPlanMode.Steady)
    {
        var target = new ViewTarget(SectionFilter.FourKiB, PageSizes.Usual, []);
        target.Advance(view);
        return (target, MappingPlan.ForView(new MappingTable(), target.Sections, target.RulesFor(mode, 65_535, ValidIovaRanges.All)));
    }

    private static MappingTable Mapped(MappingPlan plan)
    {
        var table = new MappingTable();
        foreach (var addition in plan.Additions)
        {
            if (!addition.Block.TryLease(out var lease) || !table.TryAdd(new(addition.Range, lease, addition.Offset, addition.Access, MappingState.Live)))
            {
                throw new InvalidOperationException($"{addition.Range} cannot be mapped.");
            }
        }

        return table;
    }

    private static EmulatedHost Host() => EmulatedHost.Build(host => host
        .Group(1).Device(Inside, "vfio-pci").Msi()
        .Group(2).Device(Refused, "vfio-pci").Msi().Reserved(ReservedRegionKind.Msi, Doorbell));

    /// <summary>A section of one page in every second page.</summary>
    private static FlatView Scattered(RamBlock ram) => new(Enumerable.Range(0, Live).Select(at => new MemorySection(
        IovaRange.FromLength((ulong)at * 2 * Page, Page), SectionKind.Ram, ram.Name, (ulong)at * Page, false, ram, (ulong)at * Page)));

    private static FlatView Captured()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "memory-maps", "q35-1t.txt");
        return MtreeParser.Parse(File.ReadAllText(path), path).ToFlatView((name, length) => RamBlock.FromExisting(name, new HostAddress(1UL << 44), length));
    }

    private static FlatView Flat(params (ulong Start, ulong Length)[] sections)
    {
        var ram = RamBlock.FromExisting("ram", new HostAddress(1UL << 44), 1UL << 42);
        return new(sections.Select(section => new MemorySection(
            IovaRange.FromLength(section.Start, section.Length), SectionKind.Ram, ram.Name, section.Start, false, ram, section.Start)));
    }

    private static void Repeat(int times, Action work)
    {
        for (var time = 0; time < times; time++)
        {
            work();
        }
    }

    private static T Answer<T>(Task<T> asked) => asked.GetAwaiter().GetResult();

    private static void Expect<T>(object? answer)
    {
        if (answer is not T)
        {
            throw new InvalidOperationException($"{answer} is not what was to be measured.");
        }
    }

    private static void Expect(int removals, int additions, MappingPlan plan)
    {
        if ((plan.Removals.Count, plan.Additions.Count) != (removals, additions))
        {
            throw new InvalidOperationException($"{plan.Removals.Count} removals and {plan.Additions.Count} additions were planned.");
        }
    }
}
