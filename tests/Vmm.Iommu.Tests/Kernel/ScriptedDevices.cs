using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Kernel;

/// <summary>Devices whose answers a test writes, and which keep what they were asked. For answers that no sane kernel gives.</summary>
internal sealed class ScriptedDevices : IDevices
{
    private int _next = 100;

    public delegate SysResult Answer(int descriptor, Span<byte> argument);

    public delegate SysResult BufferAnswer(int descriptor, Span<byte> argument, Span<byte> buffer);

    public Dictionary<IoctlCode, Answer> Answers { get; } = [];

    /// <summary>Answers to requests whose struct carries a pointer; those that are not here are looked for in <see cref="Answers"/>.</summary>
    public Dictionary<IoctlCode, BufferAnswer> BufferAnswers { get; } = [];

    public HashSet<int> OpenDescriptors { get; } = [];

    public List<string> Calls { get; } = [];

    public Errno OpenErrno { get; set; }

    public Errno CloseErrno { get; set; }

    public SysResult Open(string path)
    {
        Calls.Add($"open {path}");
        return OpenErrno.IsNone ? SysResult.Of(New()) : OpenErrno;
    }

    public SysResult Close(int descriptor)
    {
        Calls.Add("close");
        Assert.True(OpenDescriptors.Remove(descriptor), $"{descriptor} is not open");
        return CloseErrno.IsNone ? SysResult.Ok : CloseErrno;
    }

    public SysResult CreateEvent() => SysResult.Of(New());

    public SysResult Ioctl(int descriptor, IoctlCode request, ulong value) => Ioctl(descriptor, request, BitConverter.GetBytes(value));

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument) => Ioctl(descriptor, request, argument, default);

    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer) =>
        Ioctl(descriptor, request, argument, buffer);

    public int New()
    {
        OpenDescriptors.Add(_next);
        return _next++;
    }

    private SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, Span<byte> buffer)
    {
        Calls.Add(request.Name);
        if (!OpenDescriptors.Contains(descriptor))
        {
            return Errno.EBADF;
        }

        return BufferAnswers.TryGetValue(request, out var withBuffer) ? withBuffer(descriptor, argument, buffer)
            : Answers.TryGetValue(request, out var answer) ? answer(descriptor, argument)
            : Errno.ENOTTY;
    }
}
