using System.Diagnostics.CodeAnalysis;

namespace Vmm.Iommu.HotPath;

/// <summary>What a request came to.</summary>
/// <typeparam name="T">What the request answers.</typeparam>
/// <param name="Status">What became of it.</param>
/// <param name="Value">Its answer; default unless <see cref="RingStatus.Done"/>.</param>
/// <param name="Fault">What it threw; null unless <see cref="RingStatus.Faulted"/>.</param>
public readonly record struct RingResult<T>(RingStatus Status, T? Value, Exception? Fault)
{
    /// <summary>True when it was executed.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsDone => Status == RingStatus.Done;
}
