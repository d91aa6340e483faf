namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>An IOAS with an id. Its page tables and the mediated devices attached to it use it; its mappings do not keep it.</summary>
internal sealed class IoasObject(IoasModel model) : IommufdObject
{
    public IoasModel Model => model;

    /// <summary>Its page tables, the oldest first.</summary>
    public List<HwptObject> PageTables { get; } = [];

    public override void Destroy() => model.UnmapAll(out _);
}
