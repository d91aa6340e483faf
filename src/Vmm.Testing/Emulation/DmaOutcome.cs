using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Emulation;

/// <summary>What became of one access of a device.</summary>
/// <param name="Fault">Why it stopped, or <see cref="DmaFault.None"/>.</param>
/// <param name="Address">The first IOVA that was not accessed; the access's start where all of it was.</param>
/// <param name="Done">Bytes that were accessed before.</param>
public readonly record struct DmaOutcome(DmaFault Fault, Iova Address, int Done)
{
    /// <summary>True when every byte arrived.</summary>
    public bool IsCompleted => Fault == DmaFault.None;

    /// <summary><c>completed</c>, or the fault and its address.</summary>
    public override string ToString() => IsCompleted ? $"completed, {Done} bytes" : $"{Fault} at {Address} after {Done} bytes";
}
