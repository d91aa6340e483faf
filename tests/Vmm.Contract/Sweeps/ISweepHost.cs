using Vmm.Iommu.Kernel;

namespace Vmm.Contract.Sweeps;

/// <summary>The machine of a sweep: its devices by their part in it, and what its kernel holds of this process.</summary>
internal interface ISweepHost : IDisposable
{
    /// <summary>The kernel.</summary>
    HostKernel Kernel { get; }

    /// <summary>Where the BAR of the first device is shown to the others.</summary>
    ulong BarAt { get; }

    /// <summary>The device of a part; null where the machine has none.</summary>
    /// <param name="part">Such as <see cref="SweepWorld.First"/>.</param>
    string? Device(string part);

    /// <summary>What is held now.</summary>
    SweepCensus Look();

    /// <summary>What is held though everything was let go, in words; null for nothing.</summary>
    string? Left();
}
