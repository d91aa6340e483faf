namespace Vmm.Iommu.Results;

/// <summary>What a system call answered: a value, or an errno. Never both.</summary>
/// <param name="Value">The call's value; 0 when it failed.</param>
/// <param name="Errno">The error, or <see cref="Errno.None"/>.</param>
public readonly record struct SysResult(long Value, Errno Errno)
{
    /// <summary>Success with value 0.</summary>
    public static SysResult Ok => default;

    /// <summary>True when the call succeeded.</summary>
    public bool IsOk => Errno.IsNone;

    /// <summary>The value as a file descriptor.</summary>
    public int Descriptor => checked((int)Value);

    /// <summary>Success with a value.</summary>
    public static SysResult Of(long value) => new(value, Errno.None);

    /// <summary>Failure with an errno.</summary>
    public static implicit operator SysResult(Errno errno) => new(0, errno);

    /// <summary>Failure with an errno.</summary>
    public static SysResult FromErrno(Errno errno) => errno;

    /// <summary>The value, or the errno's name.</summary>
    public override string ToString() => IsOk ? Value.ToString() : Errno.ToString();
}

/// <summary>What a read of the machine answered: a value, or an errno. Never both.</summary>
/// <typeparam name="T">What is read.</typeparam>
/// <param name="Value">The value; null or default when the read failed.</param>
/// <param name="Errno">The error, or <see cref="Errno.None"/>.</param>
public readonly record struct SysResult<T>(T? Value, Errno Errno)
{
    /// <summary>True when the read succeeded.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Value))]
    public bool IsOk => Errno.IsNone;

    /// <summary>Failure with an errno.</summary>
    public static implicit operator SysResult<T>(Errno errno) => new(default, errno);

    /// <summary>Success with a value.</summary>
    public static implicit operator SysResult<T>(T value) => new(value, Errno.None);
}
