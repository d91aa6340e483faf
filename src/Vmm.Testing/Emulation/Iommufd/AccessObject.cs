namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>A mediated device that is bound to an iommufd: its driver reads and writes the mapped memory itself.</summary>
internal sealed class AccessObject : IommufdObject
{
    public AccessObject() => Users = 1;

    /// <summary>What it is attached to, or null.</summary>
    public IoasObject? Ioas { get; set; }
}
