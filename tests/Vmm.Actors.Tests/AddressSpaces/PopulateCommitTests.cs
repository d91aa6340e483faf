using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>A DIMM that is plugged into a VM whose RAM is pinned.</summary>
public sealed class PopulateCommitTests : IDisposable
{
    private const string Device = "0000:05:00.0";
    private const string Mediated = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
    private const ulong Slices = 512;

    private readonly Rig _rig;
    private readonly RamBlock _dimm;
    private RecordingKernel? _recording;
    private FaultingKernel? _faulting;

    public PopulateCommitTests()
    {
        _rig = new Rig(
            host => host.Group(5).Device(Device, driver: "vfio-pci").Msi().Group(7).Mediated(Mediated),
            wrap: kernel => (_recording = new RecordingKernel((_faulting = new FaultingKernel(kernel)).ToHostKernel())).ToHostKernel());
        _dimm = _rig.Block("dimm", Slices * RamPopulation.SliceLength);
        _rig.Commit(_rig.View);
    }

    private FlatView WithDimm => new([Rig.Section(0, _rig.Ram), Rig.Section(0x10_0000_0000, _dimm)]);

    [Fact]
    public void It_is_populated_before_it_is_mapped_and_the_rest_is_not_again()
    {
        Assert.True(_rig.Attach(Device).IsAttached);
        var before = _recording!.Calls.Count;

        var maps = _rig.Commit(WithDimm).Mapped;

        Assert.Equal(
            [.. Enumerable.Repeat("populate", (int)Slices), .. Enumerable.Repeat(VfioUapi.IommuMapDma.Name, maps)],
            _recording.Calls.Skip(before).Select(call => call.Call));
    }

    [Fact]
    public void A_small_change_is_not_worth_threads()
    {
        Assert.True(_rig.Attach(Device).IsAttached);
        var before = Populated();

        _rig.Commit(new FlatView([Rig.Section(0, _rig.Ram), Rig.Section(0x10_0000_0000, _dimm, length: RamPopulation.SliceLength)]));

        Assert.Equal(before, Populated());
    }

    [Fact]
    public void Where_mapping_pins_nothing_it_stays_as_it_is()
    {
        Assert.True(_rig.Attach(Mediated).IsAttached);
        _rig.Commit(WithDimm);
        Assert.Equal(0, Populated());
    }

    [Fact]
    public void A_preparation_populates_it_and_the_commit_does_not_again()
    {
        Assert.True(_rig.Attach(Device).IsAttached);
        var before = Populated();

        Assert.True(_rig.Do(() => _rig.Space.PrepareViewAsync(WithDimm)).IsPrepared);
        _rig.Commit(WithDimm);

        Assert.Equal(before + (int)Slices, Populated());
    }

    [Fact]
    public void Memory_that_cannot_be_had_is_mapped_all_the_same_by_a_commit_and_refused_by_a_preparation()
    {
        Assert.True(_rig.Attach(Device).IsAttached);
        _faulting!.FailAt(1, Errno.ENOMEM, call: "populate");
        var refusal = _rig.Do(() => _rig.Space.PrepareViewAsync(WithDimm)).Refusal!;
        Assert.Equal((RefusalReason.Kernel, Errno.ENOMEM), (refusal.Reason, refusal.Errno));
        Assert.Equal(0, _dimm.Leases);

        _faulting.FailAt(1, Errno.ENOMEM, call: "populate");
        Assert.Empty(_rig.Commit(WithDimm).Holes);
        Assert.True(_rig.Reaches(Device, 0x10_0000_0000));
    }

    [Fact]
    public void A_preparation_beyond_the_limit_is_refused_before_anything_is_populated()
    {
        _rig.Kernel.Options.MemlockLimit = 32 << 20;
        Assert.True(_rig.Attach(Device).IsAttached);
        var before = Populated();

        var refusal = _rig.Do(() => _rig.Space.PrepareViewAsync(WithDimm)).Refusal!;

        Assert.Equal((RefusalReason.LockedMemory, Errno.ENOMEM), (refusal.Reason, refusal.Errno));
        Assert.Contains("takes 32768 MiB", refusal.Words, StringComparison.Ordinal);
        Assert.Equal(before, Populated());
    }

    [Fact]
    public void A_preparation_taken_back_begins_no_further_slice_and_maps_nothing()
    {
        Assert.True(_rig.Attach(Device).IsAttached);
        var before = Populated();
        using var caller = new CancellationTokenSource();
        var prepare = _rig.Steps.Start(() => _rig.Space.PrepareViewAsync(WithDimm, caller.Token));
        while (Populated() == before && _rig.Steps.Run(1) == 1)
        {
        }

        caller.Cancel();
        _rig.Steps.Settle(() => prepare.IsCompleted, "the preparation");
        _rig.Steps.RunToQuiet();

        Assert.True(prepare.IsCanceled);
        Assert.InRange(Populated() - before, 1, (int)Slices - 1);
        Assert.Equal(0, _dimm.Leases);
    }

    public void Dispose() => _rig.Dispose();

    private int Populated() => _recording!.Calls.Count(call => call.Call == "populate");
}
