using Microsoft.Extensions.Hosting;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Hosting.Tests.HostWatch;

public sealed class UnstoppedHostTests
{
    [Fact]
    public async Task A_host_disposed_without_a_stop_has_its_listener_give_back_the_descriptor()
    {
        using var kernel = new EmulatedKernel(EmulatedHost.Load("configs/hosts/q35-vtd.tar.gz"));
        var uevents = new ClosingUevents(kernel);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddVmm(o => o.KernelSource = () => kernel.ToHostKernel() with { Uevents = uevents });
        var host = builder.Build();
        await host.StartAsync();

        host.Dispose();

        Assert.Equal(await uevents.Listening, await uevents.Closed);
    }

    private sealed class ClosingUevents(IUevents inner) : IUevents
    {
        private readonly TaskCompletionSource<int> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<int> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<int> Listening => _listening.Task;

        public Task<int> Closed => _closed.Task;

        public SysResult Listen()
        {
            var listening = inner.Listen();
            _listening.SetResult(listening.Descriptor);
            return listening;
        }

        public SysResult Receive(int descriptor, Span<byte> buffer) => inner.Receive(descriptor, buffer);

        public SysResult Close(int descriptor)
        {
            var closed = inner.Close(descriptor);
            _closed.SetResult(descriptor);
            return closed;
        }
    }
}
