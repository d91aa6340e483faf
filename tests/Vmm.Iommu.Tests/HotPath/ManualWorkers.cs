using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;

namespace Vmm.Iommu.Tests.HotPath;

/// <summary>Workers that do nothing but count how often they were woken: the test executes.</summary>
internal sealed class ManualWorkers : IRingWorkers, IRingWorker
{
    public int Wakes { get; private set; }

    public bool IsBesideCallers => false;

    public string? Name { get; private set; }

    public IRingWorker Start(ContainerRing ring, string name)
    {
        Name = name;
        return this;
    }

    public void Populate(RamPopulation population)
    {
        while (population.PopulateNext())
        {
        }
    }

    public void Wake() => Wakes++;

    public ValueTask DisposeAsync() => default;
}
