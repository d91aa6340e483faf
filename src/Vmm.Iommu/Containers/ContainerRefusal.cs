using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>Why a group, device or container could not be had: an expected answer, not a fault.</summary>
/// <param name="Operation">What was asked: a kernel call's name, or <c>open</c>.</param>
/// <param name="Target">On what: <c>/dev/vfio/6</c>.</param>
/// <param name="Errno">What the kernel answered; none where the kernel did not refuse but we did.</param>
/// <param name="Words">What it means and what a person can do; QEMU's words where users search for them.</param>
public sealed record ContainerRefusal(string Operation, string Target, Errno Errno, string Words)
{
    /// <summary>The refusal after a step of the undo: unchanged where the step succeeded, else with the step's errno added.</summary>
    public ContainerRefusal AfterUndo(string operation, SysResult result) =>
        result.IsOk ? this : this with { Words = $"{Words} The undo failed too: {operation}: {result.Errno}." };

    /// <summary>All of it in one line.</summary>
    public override string ToString() =>
        Errno.IsNone ? $"{Operation} {Target}: {Words}" : $"{Operation} {Target}: {Errno}: {Words}";
}
