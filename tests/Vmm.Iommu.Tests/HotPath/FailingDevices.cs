using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.HotPath;

/// <summary>Lets one call fail, the n-th from 1, before or after its effect. A close always has its effect, as on Linux.</summary>
internal sealed class FailingDevices(IDevices inner, int failAt, bool afterEffect) : IDevices
{
    public int Calls { get; private set; }

    public string? Failed { get; private set; }

    public bool IsOff { get; set; }

    public SysResult Open(string path) => FailsNow("open") ? Errno.EIO : inner.Open(path);

    public SysResult Close(int descriptor)
    {
        var closed = inner.Close(descriptor);
        return FailsNow("close") ? Errno.EIO : closed;
    }

    public SysResult CreateEvent() => inner.CreateEvent();

    public SysResult Ioctl(int descriptor, IoctlCode request, ulong value)
    {
        var fails = FailsNow(request.Name);
        var result = fails && !afterEffect ? Errno.EIO : inner.Ioctl(descriptor, request, value);
        return fails ? Errno.EIO : result;
    }

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument)
    {
        // A descriptor that was made and not told cannot be closed by anybody: that call fails before its effect only.
        var fails = FailsNow(request.Name);
        var hasEffect = !fails || (afterEffect && request != VfioUapi.GroupGetDeviceFd);
        var result = hasEffect ? inner.Ioctl(descriptor, request, argument) : Errno.EIO;
        return fails ? Errno.EIO : result;
    }

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer) =>
        inner.Ioctl(descriptor, request, argument, pointerAt, buffer);

    private bool FailsNow(string call)
    {
        if (IsOff || ++Calls != failAt)
        {
            return false;
        }

        Failed = call;
        return true;
    }
}
