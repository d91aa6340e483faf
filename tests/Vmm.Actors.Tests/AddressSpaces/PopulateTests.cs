using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests.AddressSpaces;

public sealed class PopulateTests
{
    private const string Device = "0000:05:00.0";
    private const string Other = "0000:06:00.0";
    private const string Mediated = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";

    private RecordingKernel? _recording;
    private FaultingKernel? _faulting;

    [Fact]
    public void Memory_is_populated_before_the_first_map_and_not_again_while_devices_are_there()
    {
        using var rig = NewRig();
        rig.Commit(rig.View);

        Assert.True(rig.Attach(Device).IsAttached);

        var calls = _recording!.Calls.Select(call => call.Call).Where(call => call is "populate" or "VFIO_IOMMU_MAP_DMA").ToList();
        Assert.Equal("populate", calls[0]);
        Assert.Equal(1, Populated());
        Assert.True(rig.Attach(Other).IsAttached);
        Assert.Equal(1, Populated());
        Assert.Equal(0x1000000UL, Bytes(_recording.Calls.Single(call => call.Call == "populate")));
    }

    [Fact]
    public void Memory_that_may_have_been_discarded_is_populated_again()
    {
        using var rig = NewRig();
        rig.Commit(rig.View);
        var binding = rig.Attach(Device).Binding!;

        rig.Do(() => binding.DetachAsync());
        Assert.True(rig.Attach(Device).IsAttached);

        Assert.Equal(2, Populated());
    }

    [Theory]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(133)]
    public void Memory_that_cannot_be_had_refuses_the_attach_with_nothing_mapped(int errno)
    {
        using var rig = NewRig();
        rig.Commit(rig.View);
        _faulting!.FailAt(1, new Errno(errno), call: "populate");

        var refusal = rig.Attach(Device).Refusal!;

        Assert.Equal((RefusalReason.Kernel, errno), (refusal.Reason, refusal.Errno.Number));
        Assert.Contains("ram 0x0-0xffffff cannot be populated", refusal.Words, StringComparison.Ordinal);
        Assert.Equal(0, Maps());
        Assert.Empty(rig.Do(() => rig.Space.GetStateAsync()).Containers);
        Assert.True(rig.Attach(Device).IsAttached);
    }

    [Fact]
    public void A_kernel_that_cannot_populate_maps_all_the_same()
    {
        using var rig = NewRig();
        rig.Commit(rig.View);
        _faulting!.FailAt(1, Errno.EINVAL, call: "populate");

        Assert.True(rig.Attach(Device).IsAttached);
        Assert.True(rig.Reaches(Device, 0));
    }

    [Fact]
    public void Mode_qemu_populates_nothing()
    {
        using var rig = NewRig(MappingPlanMode.Qemu);
        rig.Commit(rig.View);
        Assert.True(rig.Attach(Device).IsAttached);
        Assert.Equal(0, Populated());
    }

    [Fact]
    public void Abandoning_an_attach_cancels_the_population()
    {
        using var rig = NewRig();
        var large = rig.Block("large", 8UL << 30);
        rig.Commit(new FlatView([Rig.Section(0x1_0000_0000, large)]));
        using var caller = new CancellationTokenSource();

        var attach = rig.Steps.Start(() => rig.Space.AttachDeviceAsync(Device, cancellationToken: caller.Token));
        while (Populated() == 0 && rig.Steps.Run(1) == 1)
        {
        }

        caller.Cancel();
        rig.Steps.Settle(() => attach.IsCompleted, "the attach");
        rig.Steps.RunToQuiet();

        Assert.True(attach.IsCanceled);
        Assert.InRange(Populated(), 1, 127);
        Assert.Equal((0, 0), (Maps(), large.Leases));
    }

    [Fact]
    public void Memory_beyond_the_limit_is_refused_before_anything_is_populated_or_pinned()
    {
        using var rig = NewRig();
        rig.Kernel.Options.MemlockLimit = 8 << 20;
        rig.Commit(rig.View);

        var refusal = rig.Attach(Device).Refusal!;

        Assert.Equal((RefusalReason.LockedMemory, Errno.ENOMEM), (refusal.Reason, refusal.Errno));
        foreach (var part in (string[])["RLIMIT_MEMLOCK", "takes 16 MiB", "may lock 8 MiB", "LimitMEMLOCK"])
        {
            Assert.Contains(part, refusal.Words, StringComparison.Ordinal);
        }

        Assert.Equal((0, 0), (Populated(), Maps()));
        rig.Kernel.Options.HasIpcLock = true;
        Assert.True(rig.Attach(Device).IsAttached);
    }

    [Fact]
    public void For_a_mediated_device_nothing_is_pinned_so_nothing_is_populated_or_refused()
    {
        using var rig = NewRig(host: host => host.Group(7).Mediated(Mediated));
        rig.Kernel.Options.MemlockLimit = 0;
        rig.Commit(rig.View);

        Assert.True(rig.Attach(Mediated).IsAttached);
        Assert.Equal(0, Populated());
    }

    [Fact]
    public void A_group_that_another_process_holds_is_refused_with_its_name()
    {
        using var rig = NewRig();
        var held = rig.Kernel.OpenElsewhere("/dev/vfio/5", 4711, "qemu-system-x86");

        var refusal = rig.Attach(Device).Refusal!;

        Assert.Equal(Errno.EBUSY, refusal.Errno);
        Assert.Contains("/dev/vfio/5 is open in process 4711 (qemu-system-x86)", refusal.Words, StringComparison.Ordinal);
        rig.Kernel.Close(held.Descriptor);
        Assert.True(rig.Attach(Device).IsAttached);
    }

    [Fact]
    public void Threads_of_production_populate_as_the_steps_do()
    {
        using var rig = new Rig();
        var population = new RamPopulation(rig.Kernel, [new RamPiece(rig.Ram, 0, rig.Ram.Length, IsWritable: true)]);

        new IoctlWorkers().Populate(population);

        rig.Steps.Settle(() => population.Ended.IsCompleted, "the population");
        Assert.Equal(0, rig.Ram.Leases);
    }

    private static ulong Bytes(KernelCall call) => Convert.ToUInt64(call.Before["length"][2..], 16);

    private Rig NewRig(MappingPlanMode mode = MappingPlanMode.Steady, Action<EmulatedHostBuilder>? host = null) => new(
        host,
        wrap: kernel => (_recording = new RecordingKernel((_faulting = new FaultingKernel(kernel)).ToHostKernel())).ToHostKernel(),
        mode: mode);

    private int Populated() => _recording!.Calls.Count(call => call.Call == "populate");

    private int Maps() => _recording!.Calls.Count(call => call.Call == VfioUapi.IommuMapDma.Name);
}
