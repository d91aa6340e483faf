using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Testing.Recordings;

/// <summary>A recorded answer beside the emulated one.</summary>
/// <param name="IsEqual">True where they are equal.</param>
/// <param name="Recorded">The recorded answer in words.</param>
/// <param name="Emulated">The emulated answer in words.</param>
internal sealed record ReplayedAnswer(bool IsEqual, string Recorded, string Emulated)
{
    /// <summary>Compares values and errnos.</summary>
    public static ReplayedAnswer Of(KernelCall call, SysResult here) =>
        new(call.Result == here.Value && call.Errno == here.Errno, new SysResult(call.Result, call.Errno).ToString(), here.ToString());

    /// <summary>Compares errnos alone, where the value is one of the process.</summary>
    public static ReplayedAnswer OfErrno(KernelCall call, Errno here) => new(call.Errno == here, Words(call.Errno), Words(here));

    private static string Words(Errno errno) => errno.IsNone ? "success" : errno.ToString();
}
