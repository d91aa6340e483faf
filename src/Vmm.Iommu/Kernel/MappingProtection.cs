namespace Vmm.Iommu.Kernel;

/// <summary>What this process may do with mapped memory; the values of PROT_*.</summary>
[Flags]
public enum MappingProtection
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read.</summary>
    Read = 1,

    /// <summary>Write.</summary>
    Write = 2,

    /// <summary>Read and write.</summary>
    ReadWrite = Read | Write,
}
