using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>
/// The emulated kernel's open descriptors. Each is a real one, an eventfd that nobody signals, so that its number collides
/// with no other descriptor of the process and a leak shows in /proc. Guarded by the kernel's gate.
/// </summary>
internal sealed class DescriptorTable(LinuxKernel linux)
{
    private readonly Dictionary<int, OpenFile> _files = [];

    public IEnumerable<KeyValuePair<int, OpenFile>> Files => _files;

    public OpenFile? this[int descriptor] => _files.GetValueOrDefault(descriptor);

    /// <summary>A free number that nothing stands behind yet; EMFILE and its like as the process meets them.</summary>
    public SysResult Reserve() => linux.CreateEvent();

    /// <summary>Gives a number back that was reserved in vain.</summary>
    public void GiveBack(int descriptor) => linux.Close(descriptor);

    /// <summary>Lets <paramref name="file"/> stand behind a reserved number.</summary>
    public SysResult Install(int descriptor, OpenFile file)
    {
        _files.Add(descriptor, file);
        return SysResult.Of(descriptor);
    }

    public SysResult Open(OpenFile file)
    {
        var reserved = Reserve();
        return reserved.IsOk ? Install(reserved.Descriptor, file) : reserved;
    }

    public SysResult Close(int descriptor)
    {
        if (!_files.Remove(descriptor, out var file))
        {
            return Errno.EBADF;
        }

        file.LetGo();
        return linux.Close(descriptor);
    }

    /// <summary>True when the number is open in this process, whoever opened it.</summary>
    public static bool IsOpenInProcess(int descriptor) =>
        descriptor >= 0 && new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget is not null;
}
