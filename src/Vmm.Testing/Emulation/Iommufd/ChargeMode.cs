namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>Who pays for pages that an iommufd pins.</summary>
internal enum ChargeMode
{
    /// <summary>Nobody: who mapped them may lock without limit.</summary>
    None,

    /// <summary>The user, over all processes: what an iommufd does unless it is told otherwise.</summary>
    User,

    /// <summary>The process, in the account that type1 uses.</summary>
    Process,
}
