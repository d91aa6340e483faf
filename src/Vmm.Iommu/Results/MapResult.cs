namespace Vmm.Iommu.Results;

/// <summary>The answer to a map or unmap, in eight bytes: a status and the kernel's errno where it was asked.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Errno">What the kernel answered; none when the kernel was not asked.</param>
public readonly record struct MapResult(MapStatus Status, Errno Errno)
{
    /// <summary>Done.</summary>
    public static MapResult Ok => default;

    /// <summary>True when the map or unmap was done.</summary>
    public bool IsOk => Status == MapStatus.Ok;

    /// <summary>A refusal by the kernel.</summary>
    public static MapResult Refused(Errno errno) => new(MapStatus.Refused, errno);

    /// <summary>A refusal before the kernel was asked.</summary>
    public static MapResult Of(MapStatus status) => new(status, Errno.None);

    /// <summary>The status, and the errno where there is one.</summary>
    public override string ToString() => Errno.IsNone ? $"{Status}" : $"{Status}: {Errno}";
}
