using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Hosting.Tests;

public sealed class VmmServicesTests : IDisposable
{
    private readonly EmulatedKernel _kernel = new(EmulatedHost.Load("configs/hosts/q35-vtd.tar.gz"));

    [Fact]
    public async Task A_host_with_AddVmm_has_the_vm_and_its_health_while_it_runs()
    {
        using var host = HostWith(services => services.AddVmm(o => o.UseEmulatedKernel(_kernel)));
        await host.StartAsync();

        var topology = await host.Services.GetRequiredService<IVmm>().GetTopologyAsync();
        var health = await host.Services.GetRequiredService<IVmmHealth>().CheckAsync();

        Assert.Equal(15, topology.Groups.Count);
        Assert.Equal(("emulated", 0, true), (health.KernelName, health.Containers, health.IsHealthy));
        await host.StopAsync();
    }

    [Fact]
    public async Task Calls_before_the_start_wait_for_it()
    {
        using var host = HostWith(services => services.AddVmm(o => o.UseEmulatedKernel(_kernel)));
        var early = host.Services.GetRequiredService<IVmm>().GetTopologyAsync();
        Assert.False(early.IsCompleted);

        await host.StartAsync();

        Assert.Equal(15, (await early).Groups.Count);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_kernel_that_is_not_named_ends_the_start_and_says_what_to_write()
    {
        using var host = HostWith(services => services.AddVmm(_ => { }));

        var refusal = await Assert.ThrowsAsync<VmmConfigException>(() => host.StartAsync());

        Assert.Equal("no kernel is named; write AddVmm(o => o.UseLinuxKernel()), or o.UseEmulatedKernel(host) of Vmm.Testing", refusal.Message);
    }

    [Fact]
    public async Task A_start_that_fails_fails_the_calls_that_waited_with_the_same_reason()
    {
        using var host = HostWith(services => services.AddVmm(_ => { }));
        var early = host.Services.GetRequiredService<IVmm>().GetTopologyAsync();

        var refusal = await Assert.ThrowsAsync<VmmConfigException>(() => host.StartAsync());

        Assert.Same(refusal, await Assert.ThrowsAsync<VmmConfigException>(() => early));
    }

    [Theory]
    [InlineData(BackendChoice.Auto, "/dev/vfio/vfio", "modprobe vfio ")]
    [InlineData(BackendChoice.Type1, "/dev/vfio/vfio", "modprobe vfio ")]
    [InlineData(BackendChoice.Iommufd, "/dev/iommu", "modprobe iommufd ")]
    public async Task A_host_without_the_backends_node_ends_the_start_with_its_reason(BackendChoice backend, string node, string cure)
    {
        using var host = HostWith(services => services.AddVmm(o =>
        {
            o.KernelSource = KernelWithout(node);
            o.Backend = backend;
        }));

        var fault = await Assert.ThrowsAsync<IommuException>(() => host.StartAsync());

        Assert.Equal((Errno.ENOENT, node), (fault.Errno, fault.Target));
        Assert.Contains(cure, fault.Cure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BackendChoice.Type1, "/dev/iommu")]
    [InlineData(BackendChoice.Iommufd, "/dev/vfio/vfio")]
    public async Task A_host_starts_without_the_node_of_the_other_backend(BackendChoice backend, string node)
    {
        using var host = HostWith(services => services.AddVmm(o =>
        {
            o.KernelSource = KernelWithout(node);
            o.Backend = backend;
        }));

        await host.StartAsync();
        await host.StopAsync();
    }

    [Fact]
    public async Task An_option_set_in_code_is_checked_like_one_of_the_file()
    {
        using var host = HostWith(services => services.AddVmm(o => o.UseEmulatedKernel(_kernel).RingCapacity = 0));

        var refusal = await Assert.ThrowsAsync<VmmConfigException>(() => host.StartAsync());

        Assert.StartsWith("ringCapacity: '0' is not a whole number", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_other_than_the_configured_one_is_refused()
    {
        using var host = HostWith(services => services.AddVmm(o => o.Read(Section("Vmm:kernel", "linux")).UseEmulatedKernel(_kernel)));

        var refusal = await Assert.ThrowsAsync<VmmConfigException>(() => host.StartAsync());

        Assert.StartsWith("kernel: 'linux' is configured, but the emulated kernel", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Vmm:ringCapacty", "4", "Vmm:ringCapacty: no such key; the keys are kernel,")]
    [InlineData("Vmm:ringCapacity", "x", "Vmm:ringCapacity: 'x' is not a whole number")]
    [InlineData("Vmm:host:path", "x", "Vmm:host: takes one value (path)")]
    public void A_section_is_read_as_strictly_as_a_file(string key, string value, string start)
    {
        var refusal = Assert.Throws<VmmConfigException>(() => new VmmOptions().Read(Section(key, value)));

        Assert.StartsWith(start, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddVmm_beside_an_ActorSystem_fails_and_names_WithVmm()
    {
        var services = new ServiceCollection();
        services.AddAkka("mine", _ => { });

        var refusal = Assert.Throws<VmmConfigException>(() => services.AddVmm(o => o.UseEmulatedKernel(_kernel)));

        Assert.Contains("akka.WithVmm()", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ActorSystem_added_after_AddVmm_fails_the_start_and_names_WithVmm()
    {
        using var host = HostWith(services => services.AddVmm(o => o.UseEmulatedKernel(_kernel)).AddAkka("mine", _ => { }));

        var refusal = await Assert.ThrowsAsync<VmmConfigException>(() => host.StartAsync());

        Assert.Contains("akka.WithVmm()", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithVmm_runs_the_actors_in_the_hosts_own_ActorSystem()
    {
        using var host = HostWith(services => services
            .AddAkka("mine", akka => akka.WithVmm())
            .AddVmmClient(o => o.UseEmulatedKernel(_kernel)));
        await host.StartAsync();

        Assert.Equal("mine", host.Services.GetRequiredService<ActorSystem>().Name);
        Assert.Equal(15, (await host.Services.GetRequiredService<IVmm>().GetTopologyAsync()).Groups.Count);
        await host.StopAsync();
    }

    [Fact]
    public async Task AddVmmClient_without_WithVmm_fails_the_start_and_names_it()
    {
        using var host = HostWith(services => services.AddAkka("mine", _ => { }).AddVmmClient(o => o.UseEmulatedKernel(_kernel)));

        var refusal = await Assert.ThrowsAsync<VmmConfigException>(() => host.StartAsync());

        Assert.Contains("akka => akka.WithVmm()", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddVmmClient_before_any_ActorSystem_is_refused() =>
        Assert.Contains("AddAkka", Assert.Throws<VmmConfigException>(() => new ServiceCollection().AddVmmClient(_ => { })).Message, StringComparison.Ordinal);

    [Fact]
    public void Vmm_twice_is_refused()
    {
        var services = new ServiceCollection();
        services.AddAkka("mine", akka => akka.WithVmm()).AddVmmClient(o => o.UseEmulatedKernel(_kernel));

        Assert.Contains("Vmm already", Assert.Throws<VmmConfigException>(() => services.AddVmmClient(_ => { })).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _kernel.Dispose();

    private static IHost HostWith(Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        add(builder.Services);
        return builder.Build();
    }

    private Func<HostKernel> KernelWithout(string node)
    {
        var devices = new DevicesWithout(_kernel, node);
        return () => _kernel.ToHostKernel() with { Devices = devices };
    }

    private static IConfigurationSection Section(string key, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build().GetSection("Vmm");

    /// <summary>A machine without a module.</summary>
    private sealed class DevicesWithout(IDevices inner, string node) : IDevices
    {
        public SysResult Open(string path) => path == node ? Errno.ENOENT : inner.Open(path);

        public SysResult Close(int descriptor) => inner.Close(descriptor);

        public SysResult CreateEvent() => inner.CreateEvent();

        public SysResult Ioctl(int descriptor, IoctlCode request, ulong value) => inner.Ioctl(descriptor, request, value);

        public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument) => inner.Ioctl(descriptor, request, argument);

        public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer) =>
            inner.Ioctl(descriptor, request, argument, pointerAt, buffer);
    }
}
