namespace Vmm.Benchmarks.Soaking;

/// <summary>What a soak's containers are.</summary>
internal enum SoakBackend
{
    /// <summary>Legacy containers of groups.</summary>
    Type1,

    /// <summary>IOASes of devices.</summary>
    Iommufd,
}
