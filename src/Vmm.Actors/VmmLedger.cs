using Vmm.Actors.AddressSpaces;
using Vmm.Actors.Containers;
using Vmm.Actors.Hosts;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Actors;

/// <summary>Everything a VM holds, in plain objects that outlive its actors.</summary>
/// <param name="settings">What the VM runs on.</param>
/// <param name="stopped">Cancelled when the VM's first actor has stopped.</param>
internal sealed class VmmLedger(VmmSettings settings, CancellationTokenSource stopped)
{
    private readonly Lock _gate = new();
    private readonly List<AddressSpaceLedger> _spaces = [];
    private readonly List<AddressSpaceLedger> _leftovers = [];
    private readonly List<Task> _ending = [];
    private int _containers;

    /// <summary>What the VM runs on.</summary>
    public VmmSettings Settings { get; } = settings;

    /// <summary>How devices and containers are opened.</summary>
    public IContainerBackend Backend { get; } = ContainerBackends.Of(settings.Backend, settings.Kernel);

    /// <summary>What targets of vIOMMUs' maps are looked up in.</summary>
    public SystemMemory SystemMemory { get; } = new();

    /// <summary>What is known of the host.</summary>
    public HostLedger Host { get; } = new();

    /// <summary>Commands that wait for an answer.</summary>
    public PendingCommands Pending { get; } = new();

    /// <summary>Cancelled when the VM's first actor has stopped: nobody answers from then on.</summary>
    public CancellationToken Stopped { get; } = stopped.Token;

    /// <summary>The spaces, in order of creation.</summary>
    public IReadOnlyList<AddressSpaceLedger> Spaces
    {
        get
        {
            lock (_gate)
            {
                return [.. _spaces];
            }
        }
    }

    /// <summary>A number for a new container; never used twice.</summary>
    // ORDERING: numbers are only to differ; nothing else is published through them.
    public int NextContainerId() => Interlocked.Increment(ref _containers);

    /// <summary>Enters a space.</summary>
    public void Add(AddressSpaceLedger space)
    {
        lock (_gate)
        {
            _spaces.Add(space);
        }
    }

    /// <summary>Strikes a space out.</summary>
    /// <returns>True when something of it could not be released: <see cref="ReleaseAsync"/> tries again.</returns>
    public bool Remove(AddressSpaceLedger space)
    {
        var isLeftOver = space.Containers.Count > 0;
        lock (_gate)
        {
            _spaces.Remove(space);
            if (isLeftOver)
            {
                _leftovers.Add(space);
            }
        }

        return isLeftOver;
    }

    /// <summary>Ends the worker of a container that is closed; <see cref="ReleaseAsync"/> waits for it.</summary>
    public void Retire(ContainerLedger container)
    {
        if (container.Ring is { } ring)
        {
            lock (_gate)
            {
                _ending.RemoveAll(task => task.IsCompletedSuccessfully);
                _ending.Add(ring.DisposeAsync().AsTask());
            }
        }
    }

    /// <summary>Notes that the VM's first actor has stopped.</summary>
    public void MarkStopped() => stopped.Cancel();

    /// <summary>Releases what is left when no actor lives to do it: every container closes behind whatever its ring still holds.</summary>
    /// <returns>What could not be released, in words.</returns>
    public async Task<IReadOnlyList<string>> ReleaseAsync()
    {
        var left = new List<string>();
        List<AddressSpaceLedger> spaces;
        lock (_gate)
        {
            spaces = [.. _leftovers, .. _spaces];
            _leftovers.Clear();
            _spaces.Clear();
        }

        foreach (var space in spaces)
        {
            var held = left.Count;
            space.Mapper.PublishLanes([]);
            foreach (var container in space.Containers.ToList())
            {
                left.AddRange(await container.ReleaseAsync());
            }

            space.Containers.Clear();
            space.Joining.Close();
            if (left.Count == held)
            {
                left.AddRange(await AllowDiscardsAsync(space));
            }
        }

        List<Task> ending;
        lock (_gate)
        {
            ending = [.. _ending];
        }

        await Task.WhenAll(ending);
        return left;
    }

    /// <summary>Allows discarding again where a space had it stopped, and no actor told the VMM so before.</summary>
    private async Task<IReadOnlyList<string>> AllowDiscardsAsync(AddressSpaceLedger space)
    {
        if (space.DiscardDisabled is not { } asked)
        {
            return [];
        }

        try
        {
            if ((await asked).IsOk)
            {
                var allowed = await (space.DiscardAllowed ?? DiscardAnswer.AskAsync(Settings.Discard.EnableAsync));
                return allowed.IsOk ? [] : [$"The VMM was told that it may discard RAM again and answered {allowed.Errno}."];
            }

            return [];
        }
        catch (Exception fault)
        {
            return [$"The VMM was asked about discarding RAM and failed: {fault.Message}"];
        }
    }
}
