using System.Globalization;
using System.Text.RegularExpressions;
using Vmm.Actors;
using Vmm.Cli.Plans;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Cli.Tests.Plans;

public sealed partial class PlanSourceTests
{
    private const string Nic = "0000:01:00.0";
    private const string Fitting = "configs/memory-maps/pc-2g.txt";
    private const string Conflicting = "configs/memory-maps/virt-arm64-3g.txt";

    private static readonly Errno[] Errors = [Errno.EINVAL, Errno.ENOMEM, Errno.EBUSY, Errno.EFAULT];

    public static TheoryData<string, string> HostsAndMaps
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var host in Directory.GetFiles("configs/hosts").Order(StringComparer.Ordinal))
            {
                foreach (var map in Directory.GetFiles("configs/memory-maps").Order(StringComparer.Ordinal))
                {
                    all.Add(Path.GetFileName(host), Path.GetFileName(map));
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(HostsAndMaps))]
    [Trait("Requirement", "R1.6")]
    public void Every_device_is_refused_exactly_where_its_drivers_or_its_regions_say_so(string host, string map)
    {
        using var kernel = new EmulatedKernel(EmulatedHost.Load($"configs/hosts/{host}"));
        var topology = new SysfsTopologyReader(kernel).Read(1);
        var memory = $"configs/memory-maps/{map}";
        var ram = RamOf(memory);

        foreach (var device in topology.Devices.Where(device => device.Group is not null))
        {
            var planned = PlanSource.Read(new PlanRequest(memory, device.Name), topology, kernel.ToHostKernel());

            var regions = topology.Groups.Single(group => group.Id == device.Group).Reserved.Regions;
            var overlaps = (from region in regions where region.IsHole from range in ram where range.Overlaps(region.Range) select (region.Range, range)).Distinct().ToList();
            var isRefused = overlaps.Count > 0 || regions.Any(region => region.ForbidsAssignment)
                || topology.DevicesOf(device.Group!.Value).Any(member => member.Binding == DriverBinding.UsesDmaApi);
            Assert.True(isRefused == planned.Plan is AttachPlan.Refuse, $"{device.Name}: {planned.Plan}");
            Assert.Equal(overlaps.Count, planned.Detail.Conflicts.Count);
            Assert.Equal(device.Binding != DriverBinding.Vfio, planned.Plan.Conditions.Count > 0);
        }
    }

    [Fact]
    [Trait("Requirement", "R1.8")]
    public void Without_asking_the_kernel_a_plan_makes_no_call()
    {
        using var kernel = KernelWithNic();
        var recording = new RecordingKernel(kernel.ToHostKernel());

        PlanSource.Read(new PlanRequest(Fitting, Nic) { With = ["0000:00:06.0"] }, Topology(kernel), recording.ToHostKernel());
        PlanSource.Read(new PlanRequest(Conflicting, Nic), Topology(kernel), recording.ToHostKernel());

        Assert.Empty(recording.Calls);
        Assert.True(kernel.Census().IsEmpty);
    }

    [Theory]
    [InlineData(BackendChoice.Auto, "VFIO_IOMMU_GET_INFO")]
    [InlineData(BackendChoice.Type1, "VFIO_IOMMU_GET_INFO")]
    [InlineData(BackendChoice.Iommufd, "IOMMU_IOAS_IOVA_RANGES")]
    [Trait("Requirement", "R1.8")]
    public void Asked_the_kernel_tells_page_sizes_aperture_and_entries_and_keeps_nothing(BackendChoice backend, string call)
    {
        using var kernel = KernelWithNic();
        var recording = new RecordingKernel(kernel.ToHostKernel());

        var guessed = PlanSource.Read(new PlanRequest(Fitting, Nic), Topology(kernel), recording.ToHostKernel());
        var asked = PlanSource.Read(new PlanRequest(Fitting, Nic) { Probe = true, Backend = backend }, Topology(kernel), recording.ToHostKernel());

        Assert.Equal(["aperture of group 6: unknown until probed"], guessed.Plan.Unknowns);
        Assert.Empty(asked.Plan.Unknowns);
        Assert.Null(asked.ProbeFailure);
        Assert.Equal((false, true), (guessed.Detail.ArePagesKnown, asked.Detail.ArePagesKnown));
        Assert.Equal((ulong.MaxValue, 0xffff_ffff_ffffUL), (guessed.Windows[^1].Last.Value, asked.Windows[^1].Last.Value));
        Assert.DoesNotContain(recording.Calls, made => made.Call == VfioUapi.IommuMapDma.Name || made.Call == IommufdUapi.IoasMap.Name);
        Assert.Contains(recording.Calls, made => made.Call == call);
        Assert.True(kernel.Census().IsEmpty, kernel.Census().ToString());
    }

    [Fact]
    public void A_conflict_is_named_whether_the_kernel_is_asked_or_not()
    {
        using var kernel = KernelWithNic();

        var asked = PlanSource.Read(new PlanRequest(Conflicting, Nic) { Probe = true }, Topology(kernel), kernel.ToHostKernel());

        var conflict = Assert.Single(Assert.IsType<AttachPlan.Refuse>(asked.Plan).Conflicts);
        Assert.Equal(("mach-virt.ram", "0xfee00000-0xfeefffff", "group 6"), (conflict.Region, conflict.Range.ToString(), conflict.Owner));
        Assert.True(kernel.Census().IsEmpty);
    }

    [Theory]
    [InlineData(BackendChoice.Type1, FaultMoment.BeforeEffect)]
    [InlineData(BackendChoice.Type1, FaultMoment.AfterEffect)]
    [InlineData(BackendChoice.Iommufd, FaultMoment.BeforeEffect)]
    [InlineData(BackendChoice.Iommufd, FaultMoment.AfterEffect)]
    public void Whichever_call_fails_while_the_kernel_is_asked_the_plan_is_made_and_nothing_is_left(BackendChoice backend, FaultMoment moment)
    {
        var (calls, whole) = Probed(backend);
        Assert.InRange(calls, 5, 50);
        foreach (var errno in Errors)
        {
            for (var nth = 1; nth <= calls; nth++)
            {
                using var kernel = KernelWithNic();
                var faults = new FaultingKernel(kernel.ToHostKernel());
                faults.FailAt(nth, errno, moment);

                var planned = PlanSource.Read(new PlanRequest(Fitting, Nic) { Probe = true, Backend = backend }, Topology(kernel), faults.ToHostKernel());

                var trial = $"call {nth} of {calls}, {Assert.Single(faults.Struck)}, {errno}, {moment}: {planned.ProbeFailure}";
                Assert.True(kernel.Census().IsEmpty, $"{trial}: {kernel.Census()}");
                Assert.IsType<AttachPlan.NewContainer>(planned.Plan);
                if (planned.ProbeFailure is { } told)
                {
                    Assert.Contains(errno.ToString()[..6], told, StringComparison.Ordinal);
                }
                else
                {
                    // An extension or a call that cannot be asked for counts as one that is not there, what is not destroyed at once is
                    // destroyed at the second try, and the call that asks how many windows there are has failed already.
                    var isHarmless = faults.Struck is ["VFIO_CHECK_EXTENSION" or "IOMMU_IOAS_CHANGE_PROCESS" or "IOMMU_DESTROY"]
                        || (faults.Struck is ["IOMMU_IOAS_IOVA_RANGES"] && moment == FaultMoment.AfterEffect);
                    Assert.True(isHarmless && planned.Detail.ArePagesKnown, $"{trial}: the failure is not told");
                    Assert.Equal(whole.Windows, planned.Windows);
                }
            }
        }
    }

    [Fact]
    public void A_group_that_somebody_has_open_cannot_be_asked_and_the_plan_says_so()
    {
        using var kernel = KernelWithNic();
        var held = kernel.Open("/dev/vfio/6");

        var planned = PlanSource.Read(new PlanRequest(Fitting, Nic) { Probe = true }, Topology(kernel), kernel.ToHostKernel());

        Assert.Contains("EBUSY", planned.ProbeFailure, StringComparison.Ordinal);
        Assert.IsType<AttachPlan.NewContainer>(planned.Plan);
        kernel.Close(held.Descriptor);
        Assert.True(kernel.Census().IsEmpty);
    }

    private static (int Calls, PlannedDevice Planned) Probed(BackendChoice backend)
    {
        using var kernel = KernelWithNic();
        var faults = new FaultingKernel(kernel.ToHostKernel());
        var planned = PlanSource.Read(new PlanRequest(Fitting, Nic) { Probe = true, Backend = backend }, Topology(kernel), faults.ToHostKernel());
        return ((int)faults.Count, planned);
    }

    private static EmulatedKernel KernelWithNic()
    {
        var host = EmulatedHost.Load("configs/hosts/capture-host.tar.gz");
        Assert.True(host.BindToVfio(Nic).IsOk);
        return new EmulatedKernel(host);
    }

    private static HostTopology Topology(EmulatedKernel kernel) => new SysfsTopologyReader(kernel).Read(1);

    /// <summary>What of a memory map devices would see as RAM, read by itself: whole pages of RAM and ROM.</summary>
    private static List<IovaRange> RamOf(string path)
    {
        var views = File.ReadAllText(path).Split("FlatView #");
        var memory = views.First(view => view.Contains("AS \"memory\"", StringComparison.Ordinal));
        return
        [
            .. from match in RamLine().Matches(memory)
               let start = Hex(match.Groups["start"].Value)
               let end = (UInt128)Hex(match.Groups["last"].Value) + 1
               let first = ((UInt128)start + 0xfff) & ~(UInt128)0xfff
               let after = end & ~(UInt128)0xfff
               where first < after
               select IovaRange.FromBounds((ulong)first, (ulong)(after - 1)),
        ];
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s+(?<start>[0-9a-f]{16})-(?<last>[0-9a-f]{16}) \(prio -?\d+, (?:ram|rom)\):", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex RamLine();
}
