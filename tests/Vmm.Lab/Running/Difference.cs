using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Where two kernels part.</summary>
/// <param name="At">Position in the history; its length for what is left behind at the end.</param>
/// <param name="Operation">The operation; null for what is left behind.</param>
/// <param name="First">What the first side answered.</param>
/// <param name="Second">What the second side answered.</param>
internal sealed record Difference(int At, Operation? Operation, string First, string Second)
{
    /// <summary>True for the same disagreement about the same kind of operation, wherever it stands.</summary>
    public bool IsLike(Difference other) =>
        Operation?.Name == other.Operation?.Name && Head(First) == Head(other.First) && Head(Second) == Head(other.Second);

    /// <summary>The value or errno alone: bytes may change while a history shrinks.</summary>
    private static string Head(string answer) => answer.Split(' ', '[')[0];
}
