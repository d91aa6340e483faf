using Vmm.Actors.AddressSpaces;
using Vmm.Actors.Containers;
using Vmm.Actors.Hosts;

namespace Vmm.Actors;

/// <summary>Everything a VM holds, in plain objects that outlive its actors.</summary>
/// <param name="settings">What the VM runs on.</param>
/// <param name="stopped">Cancelled when the VM's first actor has stopped.</param>
internal sealed class VmmLedger(VmmSettings settings, CancellationTokenSource stopped)
{
    private readonly Lock _gate = new();
    private readonly List<AddressSpaceLedger> _spaces = [];
    private readonly List<Task> _ending = [];
    private int _containers;

    /// <summary>What the VM runs on.</summary>
    public VmmSettings Settings { get; } = settings;

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
    public void Remove(AddressSpaceLedger space)
    {
        lock (_gate)
        {
            _spaces.Remove(space);
        }
    }

    /// <summary>Ends the worker of a container that is closed; <see cref="ReleaseAsync"/> waits for it.</summary>
    public void Retire(ContainerLedger container)
    {
        if (container.Ring is { } ring)
        {
            lock (_gate)
            {
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
        foreach (var space in Spaces)
        {
            foreach (var container in space.Containers.ToList())
            {
                left.AddRange(await container.ReleaseAsync());
            }

            space.Containers.Clear();
            if (space.DiscardDisabled is { } asked && (await asked).IsOk)
            {
                await Settings.Discard.EnableAsync(CancellationToken.None);
            }

            Remove(space);
        }

        List<Task> ending;
        lock (_gate)
        {
            ending = [.. _ending];
        }

        await Task.WhenAll(ending);
        return left;
    }
}
