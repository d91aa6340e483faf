using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>The descriptor of a fault queue; it holds the queue and its iommufd.</summary>
internal sealed class FaultQueueFile(IommufdContext context, FaultQueueObject queue) : OpenFile
{
    public override string Path => "iommufd fault queue";

    protected override void Close()
    {
        queue.Users--;
        context.Put();
    }
}
