using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Hosting.Tests;

/// <summary>Holds the first call of a name in the kernel until it is let go.</summary>
internal sealed class HeldCall(IDevices inner, string name) : IDevices, IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _letGo = new();

    /// <summary>Ends when the call is being made.</summary>
    public Task Reached => _reached.Task;

    public void LetGo() => _letGo.Set();

    public SysResult Open(string path) => inner.Open(path);

    public SysResult Close(int descriptor) => inner.Close(descriptor);

    public SysResult CreateEvent() => inner.CreateEvent();

    public SysResult Ioctl(int descriptor, IoctlCode request, ulong value)
    {
        Hold(request);
        return inner.Ioctl(descriptor, request, value);
    }

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument)
    {
        Hold(request);
        return inner.Ioctl(descriptor, request, argument);
    }

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer)
    {
        Hold(request);
        return inner.Ioctl(descriptor, request, argument, pointerAt, buffer);
    }

    public void Dispose() => _letGo.Dispose();

    private void Hold(IoctlCode request)
    {
        if (request.Name == name && _reached.TrySetResult())
        {
            _letGo.Wait();
        }
    }
}
