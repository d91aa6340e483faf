using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>What the kernel would not let go of, and what follows from it.</summary>
public class LeftoverTests
{
    private const string Device = "0000:05:00.0";

    [Fact]
    public void A_hole_in_the_view_does_not_keep_a_device_from_being_detached()
    {
        using var rig = new Rig();
        rig.Attach(Device);
        var second = rig.Attach("0000:06:00.0");
        rig.Commit(new FlatView([.. rig.View, Rig.Section(0xfee0_0000, rig.Ram)]));

        var detach = rig.Do(() => second.Binding!.DetachAsync());

        Assert.True(detach is { IsDetached: true, GroupReleased: true }, detach.Pending);
    }

    [Fact]
    public void A_device_does_not_come_into_a_container_that_is_closing()
    {
        FaultingKernel? faulting = null;
        using var rig = new Rig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel());
        rig.Commit(rig.View);
        var first = rig.Attach(Device);
        faulting!.FailAt(1, Errno.EBUSY, call: VfioUapi.GroupUnsetContainer.Name);
        Assert.False(rig.Do(() => first.Binding!.DetachAsync()).IsDetached);

        var second = rig.Attach(Device);
        if (!second.IsAttached)
        {
            second = rig.Attach(Device);
        }

        Assert.True(second.IsAttached, second.Refusal?.Words);
        Assert.True(rig.Reaches(Device, 0));
    }

    [Fact]
    public void A_container_that_is_closing_stands_in_no_views_way()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);
        var first = rig.Attach(Device);
        var bar = Assert.Single(first.Binding!.Hardware.MapRegion(0).Value!).Block;
        Assert.True(bar.TryLease(out var lease));
        Assert.False(rig.Do(() => first.Binding.DetachAsync()).IsDetached);
        Assert.True(rig.Attach("0000:06:00.0").IsAttached);
        var grown = new FlatView([.. rig.View, Rig.Section(0x800_0000, rig.Block("dimm", 0x100_0000))]);

        var prepared = rig.Do(() => rig.Space.PrepareViewAsync(grown));
        var report = rig.Commit(grown);
        lease.End();

        Assert.True(prepared.IsPrepared, prepared.Refusal?.Words);
        Assert.Empty(report.Holes);
        Assert.True(rig.Reaches("0000:06:00.0", 0x800_0000));
        Assert.True(rig.Do(() => first.Binding.DetachAsync()).IsDetached);
    }

    [Fact]
    public void A_device_that_is_half_out_is_refused_and_not_opened_twice()
    {
        using var rig = new Rig();
        var first = rig.Attach(Device);
        rig.Attach("0000:06:00.0");
        var bar = Assert.Single(first.Binding!.Hardware.MapRegion(0).Value!).Block;
        Assert.True(bar.TryLease(out var lease));
        Assert.False(rig.Do(() => first.Binding.DetachAsync()).IsDetached);

        var second = rig.Attach(Device);
        lease.End();

        Assert.Equal(RefusalReason.AlreadyAttached, second.Refusal?.Reason);
        Assert.True(rig.Do(() => first.Binding.DetachAsync()).IsDetached);
        Assert.Equal([6], rig.OnlyContainer().Groups);
    }

    [Fact]
    public void What_a_closed_space_could_not_release_is_released_with_the_vm()
    {
        FaultingKernel? faulting = null;
        using var rig = new Rig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel());
        rig.Attach(Device);
        faulting!.FailAt(1, Errno.EBUSY, call: VfioUapi.GroupUnsetContainer.Name);

        Assert.Throws<IommuException>(() => rig.Steps.Settle(() => rig.Space.DisposeAsync().AsTask()));

        rig.Release();
    }

    [Fact]
    public void Discarding_stays_off_while_a_mapping_stays_and_is_allowed_once()
    {
        FaultingKernel? faulting = null;
        var discard = new CountingDiscard();
        using var rig = new Rig(discard: discard, wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel());
        rig.Commit(rig.View);
        var attach = rig.Attach(Device);
        faulting!.FailAt(1, Errno.EBUSY, call: VfioUapi.GroupUnsetContainer.Name);

        Assert.False(rig.Do(() => attach.Binding!.DetachAsync()).IsDetached);
        Assert.Equal((1, 0), (discard.Disabled, discard.Enabled));

        Assert.True(rig.Do(() => attach.Binding!.DetachAsync()).IsDetached);
        Assert.Equal((1, 1), (discard.Disabled, discard.Enabled));
    }

    [Fact]
    public void Discarding_is_allowed_once_when_the_actor_ends_while_the_vmm_thinks()
    {
        var discard = new CountingDiscard { Answer = new TaskCompletionSource<SysResult>() };
        using var rig = new Rig(discard: discard);
        var attach = rig.Attach(Device);

        var detach = rig.Steps.Start(() => attach.Binding!.DetachAsync());
        rig.Steps.RunToQuiet();
        rig.Steps.StopActor("/user/vmm/address-space-memory");
        rig.Steps.RunToQuiet();
        discard.Answer.SetResult(SysResult.Ok);
        rig.Steps.Settle(() => detach.IsCompleted, "the detach");

        Assert.Equal(1, discard.Enabled);
    }

    [Fact]
    public void A_vmm_that_throws_when_discarding_is_allowed_stops_nothing()
    {
        var discard = new CountingDiscard { Throws = true };
        using var rig = new Rig(discard: discard);
        var attach = rig.Attach(Device);

        var detach = rig.Do(() => attach.Binding!.DetachAsync());

        Assert.Contains("discard", detach.Pending, StringComparison.Ordinal);
        Assert.Empty(rig.Do(() => rig.Space.GetStateAsync()).Containers);
    }

    [Fact]
    public void Watching_the_host_ends_with_the_vm()
    {
        using var rig = new Rig();
        var watch = rig.Steps.Start(async () =>
        {
            await foreach (var happened in rig.Vmm.WatchHostAsync())
            {
                Assert.NotNull(happened);
            }
        });
        rig.Steps.RunToQuiet();

        rig.Release();

        rig.Steps.Settle(() => watch.IsCompleted, "the watch");
    }

    [Fact]
    public void The_state_of_the_vm_can_be_asked_while_a_space_closes()
    {
        for (var turns = 0; turns < 12; turns++)
        {
            using var rig = new Rig(seed: turns + 1);
            var state = rig.Steps.Start(() => rig.Vmm.GetStateAsync());
            rig.Steps.Run(turns);
            rig.Steps.Settle(() => rig.Space.DisposeAsync().AsTask());
            rig.Steps.Settle(() => state.IsCompleted, "the state");
            Assert.True(state.IsCompletedSuccessfully, state.Exception?.ToString());
        }
    }

    private sealed class CountingDiscard : IRamDiscard
    {
        public int Disabled { get; private set; }

        public int Enabled { get; private set; }

        public bool Throws { get; init; }

        public TaskCompletionSource<SysResult>? Answer { get; init; }

        public Task<SysResult> DisableAsync(CancellationToken cancellationToken)
        {
            Disabled++;
            return Task.FromResult(SysResult.Ok);
        }

        public Task<SysResult> EnableAsync(CancellationToken cancellationToken)
        {
            Enabled++;
            return Throws ? throw new InvalidOperationException("no") : Answer?.Task ?? Task.FromResult(SysResult.Ok);
        }
    }

    [Fact]
    public void A_container_that_gets_no_worker_is_refused_and_leaves_nothing_open()
    {
        using var rig = new Rig(workers: new NoWorkers());

        var attach = rig.Attach("0000:05:00.0");

        Assert.Equal(RefusalReason.Fault, attach.Refusal!.Reason);
        Assert.Contains("no thread", attach.Refusal.Words, StringComparison.Ordinal);
        Assert.Empty(rig.Do(() => rig.Space.GetStateAsync()).Containers);
    }

    private sealed class NoWorkers : IRingWorkers
    {
        public IRingWorker Start(ContainerRing ring, string name) => throw new InvalidOperationException("no thread is to be had");

        public void Populate(RamPopulation population) => throw new InvalidOperationException("no thread is to be had");
    }
}
