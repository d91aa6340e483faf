using Vmm.Iommu.AddressSpaces;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Detaches one device: its BARs leave the view in every container, it leaves the ledger, and a <see cref="Settlement"/> closes
/// it, lets its group go when it was the last of it, and the container with its last group.
/// </summary>
internal sealed class DetachOperation(ISpace space, AddressSpaceProtocol.DetachDevice command) : IOperation
{
    private ViewSweep? _sweep;
    private Settlement? _settlement;

    /// <inheritdoc/>
    public Guid Id => command.Id;

    /// <inheritdoc/>
    public void Begin()
    {
        if (space.Ledger.HalfDetached.TryGetValue(command.Binding, out var half))
        {
            Close(half);
            return;
        }

        if (!space.Ledger.Bindings.TryGetValue(command.Binding, out var binding))
        {
            space.Finish(new AddressSpaceProtocol.Detached(command.Id, GroupReleased: false));
            return;
        }

        var without = WithoutBars(space.Ledger.View, binding);
        if (without is null)
        {
            Close(binding);
            return;
        }

        _sweep = new ViewSweep(space, without, _ => Close(binding));
        _sweep.Begin();
    }

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (_settlement is not null)
        {
            _settlement.Handle(message);
        }
        else
        {
            _sweep?.Handle(message);
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason)
    {
        if (_settlement is not null)
        {
            _settlement.ContainerLost(container);
        }
        else
        {
            _sweep?.ContainerLost(container);
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        // A device half out is of no use to anybody: the detach is completed.
    }

    /// <summary>The view without sections that show the device's BARs; null when it has none.</summary>
    private static FlatView? WithoutBars(FlatView view, BindingEntry binding)
    {
        var bars = binding.Hardware.Mapped.Select(bar => bar.Block).ToHashSet();
        return view.Any(ShowsBar) ? new FlatView(view.Where(section => !ShowsBar(section))) : null;

        bool ShowsBar(MemorySection section) => section.Block is not null && bars.Contains(section.Block);
    }

    private void Close(BindingEntry binding)
    {
        // Half out until all is settled: a replaced actor must not call it detached before that.
        space.Ledger.HalfDetached[command.Binding] = binding;
        space.Ledger.Bindings.Remove(command.Binding);
        var home = space.Ledger.Containers.Where(container => container.Id == binding.Container).Select(container => container.Id);
        _settlement = new Settlement(space, home, left => space.Finish(Answer(binding, left), WindowsCause.DeviceDetached, binding.Device));
        _settlement.Begin();
    }

    private object Answer(BindingEntry binding, IReadOnlyList<string> left)
    {
        if (left.Count > 0)
        {
            return new AddressSpaceProtocol.DetachPending(command.Id, string.Join(' ', left));
        }

        space.Ledger.HalfDetached.Remove(command.Binding);
        return new AddressSpaceProtocol.Detached(command.Id, !space.Ledger.Leases.Contains(binding.Group));
    }
}
