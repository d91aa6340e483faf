using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using Vmm.Actors.Hosts;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Client;

/// <summary>The face of a VM's actors.</summary>
public sealed class VmmClient : IVmm
{
    private readonly ActorSystem _system;
    private readonly IActorRef _root;
    private readonly VmmLedger _ledger;
    private readonly Lock _gate = new();
    private Task? _disposed;

    private VmmClient(ActorSystem system, IActorRef root, VmmLedger ledger)
    {
        _system = system;
        _root = root;
        _ledger = ledger;
    }

    /// <inheritdoc/>
    public string KernelName => _ledger.Settings.Kernel.Name;

    internal TimeSpan CommandTimeout => _ledger.Settings.CommandTimeout;

    /// <summary>Starts a VM's actors in a system.</summary>
    /// <param name="system">The system; its guardian should stop what fails, which a VM's actors expect.</param>
    /// <param name="settings">The kernel and the rest.</param>
    /// <param name="name">Name of the root actor below /user; one system may hold several VMs.</param>
    public static VmmClient Create(ActorSystem system, VmmSettings settings, string name = "vmm")
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);

        // Not disposed: nothing is held by it, and late callers still ask it.
        var ledger = new VmmLedger(settings, new CancellationTokenSource());
        return new VmmClient(system, system.ActorOf(Props.Create(() => new VmmActor(ledger)), name), ledger);
    }

    /// <inheritdoc/>
    public Task<IAddressSpace> CreateAddressSpaceAsync(string name, CancellationToken cancellationToken = default) =>
        CreateAddressSpaceAsync(name, guestIommu: null, cancellationToken);

    /// <inheritdoc/>
    public Task PublishSystemMemoryAsync(FlatView view, CancellationToken cancellationToken = default)
    {
        _ledger.SystemMemory.Publish(view);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<IAddressSpace> CreateAddressSpaceAsync(string name, IGuestIommu? guestIommu, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        cancellationToken.ThrowIfCancellationRequested();
        switch (await AskAsync(new VmmProtocol.OpenSpace(name, guestIommu)))
        {
            case VmmProtocol.SpaceOpened opened:
                var space = new AddressSpaceClient(this, name, opened.Mapper);
                if (!cancellationToken.IsCancellationRequested)
                {
                    return space;
                }

                await space.DisposeAsync();
                throw new OperationCanceledException(cancellationToken);
            case VmmProtocol.SpaceRefused refused:
                throw new ArgumentException(refused.Words, nameof(name));
            case var other:
                throw Unexpected(other);
        }
    }

    /// <inheritdoc/>
    public Task<HostTopology> GetTopologyAsync(CancellationToken cancellationToken = default) =>
        TopologyAsync(new HostProtocol.GetTopology(), cancellationToken);

    /// <inheritdoc/>
    public Task<HostTopology> RescanHostAsync(CancellationToken cancellationToken = default) =>
        TopologyAsync(new HostProtocol.Rescan(), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<HostProtocol.IHostEvent> WatchHostAsync(int credit = 64, CancellationToken cancellationToken = default) =>
        WatchAsync<HostProtocol.IHostEvent>(
            credit,
            listener =>
            {
                _root.Tell(new VmmProtocol.ToHost(new HostProtocol.Subscribe(listener, credit)));
                return Task.CompletedTask;
            },
            (listener, sequence) => _root.Tell(new VmmProtocol.ToHost(new HostProtocol.Seen(listener, sequence))),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<VmmState> GetStateAsync(CancellationToken cancellationToken = default)
    {
        var spaces = await AskAsync(new VmmProtocol.GetSpaces()) is VmmProtocol.Spaces known ? known.Names : [];
        var states = new List<AddressSpaceState>();
        foreach (var space in _ledger.Spaces.Where(known => spaces.Contains(known.Name)))
        {
            try
            {
                states.Add(await new AddressSpaceClient(this, space.Name, space.Mapper).GetStateAsync(cancellationToken));
            }
            catch (ObjectDisposedException)
            {
                // It was closed since the names were asked for: it holds nothing now.
            }
        }

        return new VmmState(KernelName, states);
    }

    /// <inheritdoc/>
    /// <exception cref="IommuException">Something could not be released; it is named.</exception>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed ??= ShutDownAsync();
            return new ValueTask(_disposed);
        }
    }

    /// <summary>Events of a source, as long as the reader wants them and the source lives.</summary>
    /// <param name="credit">Events that may be on the way unread; at least 1.</param>
    /// <param name="subscribe">Has the listener told.</param>
    /// <param name="seen">Tells the source how far the listener is.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    internal IAsyncEnumerable<TEvent> WatchAsync<TEvent>(
        int credit, Func<IActorRef, Task> subscribe, Action<IActorRef, long> seen, CancellationToken cancellationToken)
        where TEvent : IWatchEvent
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(credit, 1);
        return ReadAsync<TEvent>(subscribe, seen, cancellationToken);
    }

    /// <summary>Asks the root, and gives up when nobody is left to answer.</summary>
    /// <exception cref="IommuException">The VM's actors have stopped.</exception>
    internal async Task<object> AskAsync(object message)
    {
        try
        {
            return await _root.Ask<object>(message, CommandTimeout, _ledger.Stopped);
        }
        catch (OperationCanceledException) when (_ledger.Stopped.IsCancellationRequested)
        {
            throw Stopped();
        }
    }

    internal void Tell(object message) => _root.Tell(message, ActorRefs.NoSender);

    private async IAsyncEnumerable<TEvent> ReadAsync<TEvent>(
        Func<IActorRef, Task> subscribe, Action<IActorRef, long> seen, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TEvent : IWatchEvent
    {
        var events = Channel.CreateUnbounded<TEvent>();
        var listener = _system.ActorOf(Props.Create(() => new ListenerActor<TEvent>(events.Writer)));
        await using var ended = _ledger.Stopped.Register(() => events.Writer.TryComplete());
        try
        {
            await subscribe(listener);

            // ReadAllAsync would leave the caller's synchronization context between two events.
            while (await events.Reader.WaitToReadAsync(cancellationToken))
            {
                while (events.Reader.TryRead(out var happened))
                {
                    yield return happened;
                    seen(listener, happened.Sequence);
                }
            }
        }
        finally
        {
            _system.Stop(listener);
        }
    }

    internal static IommuException Unexpected(object reply) =>
        new("a command", "the VM's actors", Errno.None, $"The answer was {reply.GetType().Name}, which is not one of its answers: this is a defect of Vmm.");

    private static IommuException Stopped() =>
        new("a command", "the VM's actors", Errno.None, "They have stopped; the log says why. Dispose the VM, which releases what it held, and make a new one.");

    private async Task<HostTopology> TopologyAsync(object question, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await AskAsync(new VmmProtocol.ToHost(question)) is HostProtocol.TopologySnapshot snapshot
            ? snapshot.Topology
            : throw Stopped();
    }

    private async Task ShutDownAsync()
    {
        var left = new List<string>();
        try
        {
            var answer = await _root.Ask<object>(new VmmProtocol.ShutDown(), CommandTimeout, _ledger.Stopped);
            left.AddRange(answer is VmmProtocol.ShutDownDone done ? done.Left : []);
        }
        catch (OperationCanceledException) when (_ledger.Stopped.IsCancellationRequested)
        {
            // Nobody is left to ask; the ledger knows what there is to release.
        }

        left.AddRange(await _ledger.ReleaseAsync());
        if (left.Count > 0)
        {
            throw new IommuException("closing", "the VM", Errno.None, $"Not released: {string.Join(' ', left)}");
        }
    }
}
