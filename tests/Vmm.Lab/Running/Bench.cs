namespace Vmm.Lab.Running;

/// <summary>Two fresh sides for one history. Disposing it ends what belongs to the sides alone.</summary>
internal abstract class Bench : IDisposable
{
    /// <summary>The side that is right.</summary>
    public abstract Side First { get; }

    /// <summary>The side that is compared with it.</summary>
    public abstract Side Second { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
