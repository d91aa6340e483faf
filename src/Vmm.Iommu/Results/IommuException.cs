namespace Vmm.Iommu.Results;

/// <summary>A fault of cold code: something that no refusal value stands for.</summary>
public sealed class IommuException : Exception
{
    /// <summary>A fault with everything a person needs.</summary>
    /// <param name="operation">What was being done, such as <c>VFIO_GROUP_GET_STATUS</c>.</param>
    /// <param name="target">On what, such as <c>/dev/vfio/6</c>.</param>
    /// <param name="errno">What the kernel answered; <see cref="Results.Errno.None"/> when no call was made.</param>
    /// <param name="cure">What a person can do about it.</param>
    /// <param name="inner">The cause, where one exists.</param>
    public IommuException(string operation, string target, Errno errno, string cure, Exception? inner = null)
        : base(errno.IsNone ? $"{operation} on {target}: {cure}" : $"{operation} on {target}: {errno}. {cure}", inner)
    {
        Operation = operation;
        Target = target;
        Errno = errno;
        Cure = cure;
    }

    /// <summary>What was being done.</summary>
    public string Operation { get; }

    /// <summary>On what it was done.</summary>
    public string Target { get; }

    /// <summary>What the kernel answered.</summary>
    public Errno Errno { get; }

    /// <summary>What a person can do about it.</summary>
    public string Cure { get; }
}
