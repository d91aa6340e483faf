using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>An open /dev/vfio/vfio. Closing it frees nothing while a group is attached.</summary>
internal sealed class ContainerFile(ContainerModel container) : OpenFile
{
    public override string Path => "/dev/vfio/vfio";

    public ContainerModel Container => container;

    public override SysResult Ioctl(uint request, IoctlArgument argument) => container.Ioctl(request, argument);

    protected override void Close()
    {
    }
}
