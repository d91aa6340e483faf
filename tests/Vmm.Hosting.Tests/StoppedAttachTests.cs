using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Testing.Emulation;

namespace Vmm.Hosting.Tests;

/// <summary>The host is told to stop, as by SIGTERM, while a call of an attach is in the kernel.</summary>
public sealed class StoppedAttachTests : IDisposable
{
    private const string Device = "0000:01:00.0";

    private readonly EmulatedKernel _kernel = new(EmulatedHost.Load("configs/hosts/q35-vtd.tar.gz"));

    [Theory]
    [Trait("Requirement", "R0.8")]
    [InlineData(BackendChoice.Type1, "VFIO_GROUP_SET_CONTAINER")]
    [InlineData(BackendChoice.Type1, "VFIO_SET_IOMMU")]
    [InlineData(BackendChoice.Type1, "VFIO_IOMMU_MAP_DMA")]
    [InlineData(BackendChoice.Type1, "VFIO_GROUP_GET_DEVICE_FD")]
    [InlineData(BackendChoice.Iommufd, "VFIO_DEVICE_BIND_IOMMUFD")]
    [InlineData(BackendChoice.Iommufd, "IOMMU_IOAS_ALLOC")]
    [InlineData(BackendChoice.Iommufd, "VFIO_DEVICE_ATTACH_IOMMUFD_PT")]
    [InlineData(BackendChoice.Iommufd, "IOMMU_IOAS_MAP_FILE")]
    public async Task The_stop_waits_for_the_call_and_leaves_nothing(BackendChoice backend, string call)
    {
        using var held = new HeldCall(_kernel, call);
        using var host = HostOn(held, backend);
        await host.StartAsync();
        var ram = RamBlock.Allocate(_kernel, "pc.ram", 16 << 20);
        var space = await host.Services.GetRequiredService<IVmm>().CreateAddressSpaceAsync("memory");
        await space.CommitViewAsync(new FlatView([new(IovaRange.FromLength(0, ram.Length), SectionKind.Ram, ram.Name, 0, false, ram, 0)]));
        _kernel.Host.BindToVfio(Device);

        var attach = space.AttachDeviceAsync(Device);
        if (await Task.WhenAny(held.Reached, attach) == attach)
        {
            Assert.Fail($"{call} was not made: {(await attach).Refusal?.Words ?? "attached"}");
        }

        var stop = host.StopAsync();
        held.LetGo();
        await stop;

        ram.Retire();
        Assert.Equal("nothing", _kernel.Census().ToString());
        await AssertAnswered(attach);
    }

    public void Dispose() => _kernel.Dispose();

    private static async Task AssertAnswered(Task<AttachOutcome> attach)
    {
        var outcome = await attach;
        Assert.True(outcome.IsAttached || outcome.Refusal.Words.Length > 0);
    }

    private IHost HostOn(HeldCall held, BackendChoice backend)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddVmm(o =>
        {
            o.KernelSource = () => _kernel.ToHostKernel() with { Devices = held };
            o.Backend = backend;
        });
        return builder.Build();
    }
}
