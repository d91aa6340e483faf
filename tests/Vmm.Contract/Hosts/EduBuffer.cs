using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Testing.Scenarios.Machines;

namespace Vmm.Contract.Hosts;

/// <summary>The buffer and the interrupt of QEMU's <c>edu</c> device.</summary>
internal sealed class EduBuffer : IDmaBuffer, IInterruptLine
{
    private readonly EduEngine _engine;

    public EduBuffer(AssignedDevice device, string address)
    {
        var engine = EduEngine.TryOpen(device, address, out var why);
        Assert.True(engine is not null, why);
        _engine = engine;
    }

    public void Load(Iova source, int length) => Assert.True(_engine.Load(source, length), "the device's DMA does not end");

    public void Store(Iova target, int length) => Assert.True(_engine.Store(target, length), "the device's DMA does not end");

    public void Raise() => _engine.Raise();

    public void Lower() => _engine.Lower();
}
