using Akka.Actor;
using Vmm.Actors.Client;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests;

/// <summary>The same on real threads: the default dispatcher, and an OS thread for each container.</summary>
public class ThreadedTests
{
    [Fact]
    public async Task Spaces_attach_map_and_release_side_by_side()
    {
        using var kernel = new EmulatedKernel(EmulatedHost.Build(host =>
        {
            for (var group = 1; group <= 8; group++)
            {
                host.Group(group).Device($"0000:0{group}:00.0", driver: "vfio-pci").Msi();
            }
        }));
        using var system = ActorSystem.Create("threads", "akka.actor.guardian-supervisor-strategy = \"Akka.Actor.StoppingSupervisorStrategy\"");
        var ram = RamBlock.Allocate(kernel, "ram", 64 << 20);
        await using (var vmm = VmmClient.Create(system, new VmmSettings(kernel.ToHostKernel(), new IoctlWorkers(), new NoRamDiscard())))
        {
            await Task.WhenAll(Enumerable.Range(1, 8).Select(group => UseAsync(vmm, kernel, ram, group)));
        }

        Assert.Equal(0, ram.Leases);
        ram.Retire();
        Assert.True(kernel.Census().IsEmpty, kernel.Census().ToString());
        await system.Terminate();
    }

    private static async Task UseAsync(VmmClient vmm, EmulatedKernel kernel, RamBlock ram, int group)
    {
        var device = $"0000:0{group}:00.0";
        var view = new FlatView([Rig.Section(0, ram)]);
        await using var space = await vmm.CreateAddressSpaceAsync($"space-{group}");
        for (var round = 0; round < 5; round++)
        {
            await space.CommitViewAsync(view);
            var attach = await space.AttachDeviceAsync(device);
            Assert.True(attach.IsAttached, attach.Refusal?.Words);
            Assert.True(kernel.DmaWrite(device, new Iova((ulong)group << 20), [1]).IsCompleted);
            await space.CommitViewAsync(FlatView.Empty);
            Assert.False(kernel.DmaWrite(device, new Iova((ulong)group << 20), [1]).IsCompleted);
            Assert.True((await attach.Binding.DetachAsync()).IsDetached);
        }
    }
}
