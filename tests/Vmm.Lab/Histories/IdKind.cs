namespace Vmm.Lab.Histories;

/// <summary>What an iommufd's id stands for.</summary>
internal enum IdKind
{
    /// <summary>An IOAS.</summary>
    Ioas,

    /// <summary>A bound device.</summary>
    Device,

    /// <summary>A page table.</summary>
    PageTable,
}
