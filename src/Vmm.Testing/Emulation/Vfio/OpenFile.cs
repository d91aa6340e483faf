using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>What an emulated descriptor stands for.</summary>
internal abstract class OpenFile
{
    private int _holders = 1;

    /// <summary>The node or the thing, as a census and a recording show it.</summary>
    public abstract string Path { get; }

    /// <summary>Answers a request; ENOTTY for one it does not know.</summary>
    public virtual SysResult Ioctl(uint request, IoctlArgument argument) => Errno.ENOTTY;

    /// <summary>Something besides the descriptor holds the open file: it outlives the descriptor.</summary>
    public void Hold() => _holders++;

    /// <summary>A holder less, of which the descriptor is one; the last one closes the file.</summary>
    public void LetGo()
    {
        if (--_holders == 0)
        {
            Close();
        }
    }

    /// <summary>Nobody holds the open file any more.</summary>
    protected abstract void Close();
}
