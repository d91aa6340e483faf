namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>Something with an id in an iommufd.</summary>
internal abstract class IommufdObject
{
    /// <summary>Its number; 0 before it has one.</summary>
    public uint Id { get; set; }

    /// <summary>Who uses it besides the table of ids; while there are any, DESTROY is EBUSY.</summary>
    public int Users { get; set; }

    /// <summary>It has left the table: what it holds goes.</summary>
    public virtual void Destroy()
    {
    }
}
