namespace Vmm.Testing.Decorators;

/// <summary>An ioctl as bytes: all that is needed to make it again and to compare the answer.</summary>
/// <param name="Number">The request's number.</param>
/// <param name="HasSize">True when the struct begins with its own size.</param>
internal sealed record CallBytes(uint Number, bool HasSize)
{
    /// <summary>The struct as it went in; null where the argument is a number.</summary>
    public byte[]? Before { get; init; }

    /// <summary>The struct as it came out.</summary>
    public byte[]? After { get; init; }

    /// <summary>Offset of the one pointer in the struct; -1 where the call carries none.</summary>
    public int PointerAt { get; init; } = -1;

    /// <summary>What the pointer pointed to as it went in; null without a pointer.</summary>
    public byte[]? BufferBefore { get; init; }

    /// <summary>The same as it came out.</summary>
    public byte[]? BufferAfter { get; init; }
}
