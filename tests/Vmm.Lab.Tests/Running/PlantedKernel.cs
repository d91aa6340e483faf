using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Lab.Tests.Running;

/// <summary>A kernel with one planted difference: what <paramref name="plant"/> makes of a struct call's answer.</summary>
internal sealed class PlantedKernel(IDevices inner, Func<IoctlCode, SysResult, SysResult> plant) : IDevices
{
    public static Func<HostKernel, HostKernel> Around(Func<IoctlCode, SysResult, SysResult> plant) =>
        kernel => kernel with { Devices = new PlantedKernel(kernel.Devices, plant) };

    public SysResult Open(string path) => inner.Open(path);

    public SysResult Close(int descriptor) => inner.Close(descriptor);

    public SysResult CreateEvent() => inner.CreateEvent();

    public SysResult Ioctl(int descriptor, IoctlCode request, ulong value) => inner.Ioctl(descriptor, request, value);

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument) => plant(request, inner.Ioctl(descriptor, request, argument));

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer) =>
        plant(request, inner.Ioctl(descriptor, request, argument, pointerAt, buffer));
}
