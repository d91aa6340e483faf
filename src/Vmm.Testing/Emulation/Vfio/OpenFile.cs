using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>What an emulated descriptor stands for.</summary>
internal abstract class OpenFile
{
    /// <summary>The node or the thing, as a census and a recording show it.</summary>
    public abstract string Path { get; }

    /// <summary>Answers a request; ENOTTY for one it does not know.</summary>
    public virtual SysResult Ioctl(uint request, IoctlArgument argument) => Errno.ENOTTY;

    /// <summary>The descriptor was closed.</summary>
    public abstract void Close();
}
