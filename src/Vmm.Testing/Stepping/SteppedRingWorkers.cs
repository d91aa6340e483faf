using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;

namespace Vmm.Testing.Stepping;

/// <summary>Executes rings as turns of a <see cref="SeededOrder"/>: one request a turn, so that anything else can come between two.</summary>
/// <param name="order">The order.</param>
public sealed class SteppedRingWorkers(SeededOrder order) : IRingWorkers
{
    // A guest of 1 TiB has 16,384 slices: a turn for each would be most of a run.
    private const int SlicesOfATurn = 16;

    /// <inheritdoc/>
    public IRingWorker Start(ContainerRing ring, string name)
    {
        ArgumentNullException.ThrowIfNull(ring);
        return new Worker(order, ring, name);
    }

    /// <summary>Populates some slices a turn, so that a cancel can come between two turns.</summary>
    /// <param name="population">The population.</param>
    public void Populate(RamPopulation population)
    {
        ArgumentNullException.ThrowIfNull(population);
        order.Add(() => "population of memory", () =>
        {
            for (var slice = 0; slice < SlicesOfATurn; slice++)
            {
                if (!population.PopulateNext())
                {
                    return;
                }
            }

            Populate(population);
        });
    }

    private sealed class Worker(SeededOrder order, ContainerRing ring, string name) : IRingWorker
    {
        // Ends in a turn of the order: a continuation that runs there stays in the order.
        private readonly TaskCompletionSource _ended = new();
        private int _isQueued;

        /// <summary>A call from a turn of the order cannot wait for another turn.</summary>
        public bool IsBesideCallers => false;

        public void Wake()
        {
            // ORDERING: pairs with the clearing in ExecuteOne; one of several wakes queues the turn.
            if (Interlocked.Exchange(ref _isQueued, 1) == 0)
            {
                order.Add(() => $"ring of {name}", ExecuteOne);
            }
        }

        public ValueTask DisposeAsync()
        {
            order.Add(() => $"end of the ring of {name}", ExecuteRest);
            return new ValueTask(_ended.Task);
        }

        private void ExecuteOne()
        {
            // ORDERING: cleared before the ring is looked at; whoever publishes after that look finds it cleared and queues again.
            Interlocked.Exchange(ref _isQueued, 0);
            if (ring.ExecuteNext())
            {
                Wake();
            }
        }

        private void ExecuteRest()
        {
            while (ring.ExecuteNext())
            {
            }

            _ended.TrySetResult();
        }
    }
}
