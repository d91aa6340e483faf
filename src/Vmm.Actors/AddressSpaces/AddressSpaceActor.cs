using Akka.Actor;
using Akka.Event;
using Vmm.Actors.Containers;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Carries out the commands of one space, one at a time in order of arrival; the rest waits in the stash. What a command does
/// is in its <see cref="IOperation"/>; what the space holds is in the ledger, from which a replacement goes on.
/// </summary>
internal sealed class AddressSpaceActor : ReceiveActor, IWithUnboundedStash, IWithTimers, ISpace
{
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(5);

    private readonly AddressSpaceLedger _ledger;
    private readonly VmmLedger _vmm;
    private readonly IReadOnlyList<Guid> _orphans;
    private readonly string? _cause;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<int> _lost = [];
    private IOperation? _operation;

    /// <param name="ledger">What the space holds.</param>
    /// <param name="vmm">The VM.</param>
    /// <param name="orphans">Commands that a former actor left unanswered.</param>
    /// <param name="cause">Why there is a former actor; null when this is the first.</param>
    public AddressSpaceActor(AddressSpaceLedger ledger, VmmLedger vmm, IReadOnlyList<Guid> orphans, string? cause)
    {
        _ledger = ledger;
        _vmm = vmm;
        _orphans = orphans;
        _cause = cause;
        Idle();
    }

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    AddressSpaceLedger ISpace.Ledger => _ledger;

    VmmSettings ISpace.Settings => _vmm.Settings;

    ILoggingAdapter ISpace.Log => _log;

    IActorRef ISpace.Self => Self;

    void ISpace.ToContainer(int container, object message) => Context.Child(ContainerName(container)).Tell(message, Self);

    ContainerLedger ISpace.NewContainer()
    {
        var container = new ContainerLedger(_vmm.NextContainerId(), _vmm.Settings.Mode, _ledger.Joining);
        _ledger.Containers.Add(container);
        StartContainer(container);
        return container;
    }

    void ISpace.ContainerSettled(ContainerProtocol.Reconciled settled)
    {
        var container = _ledger.Containers.First(candidate => candidate.Id == settled.Container);
        foreach (var note in settled.Notes)
        {
            _log.Warning("Container {0} of space {1}: {2} Nothing is held because of it.", container.Id, _ledger.Name, note);
        }

        List<string> wrong = [.. settled.Left, .. settled.Holes];
        container.Degraded = wrong.Count == 0 ? null : string.Join(' ', wrong);
        _lost.Remove(container.Id);
        if (settled.IsClosed)
        {
            _ledger.Containers.Remove(container);
            _vmm.Retire(container);
            var child = Context.Child(ContainerName(container.Id));
            Context.Unwatch(child);
            Context.Stop(child);
        }
    }

    void ISpace.ReportSkips(IEnumerable<SkippedSection> skipped)
    {
        foreach (var section in skipped.Where(section => _ledger.ReportedSkips.Add(section.Name)))
        {
            _log.Warning("{0} at {1} is left out: {2}. Devices cannot reach it; the VM goes on.", section.Name, section.Range, section.Reason);
        }
    }

    void ISpace.AskHost(object question)
    {
        Context.Parent.Tell(new VmmProtocol.ToHost(question), Self);
        Timers.StartPeriodicTimer(nameof(AskHostAgain), new AskHostAgain(question), AskInterval);
    }

    void ISpace.HostAnswered() => Timers.Cancel(nameof(AskHostAgain));

    void ISpace.Finish(object reply, WindowsCause cause, string device)
    {
        _ledger.Windows.Show(_ledger, cause, device, Self);
        _vmm.Pending.Answer(_operation!.Id, reply, Self);
        if (_lost.Count == 0)
        {
            BecomeIdle();
            return;
        }

        _lost.Clear();
        Timers.Cancel(nameof(AskHostAgain));
        Run(new RecoverOperation(this, BecomeIdle));
    }

    /// <summary>A failing container's actor is stopped, never restarted: its ring and table are in the ledger.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => Stopping.Strategy;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _ledger.Containers.ForEach(StartContainer);
        foreach (var watcher in _ledger.Windows.Watchers.All)
        {
            Context.Watch(watcher);
        }

        if (_cause is not null)
        {
            _ledger.Windows.Renew(Self);
            Run(new RecoverOperation(this, Recovered));
        }
    }

    private static string ContainerName(int container) => $"container-{container}";

    private void Idle()
    {
        Receive<WindowsProtocol.Watch>(Watch);
        Receive<AddressSpaceProtocol.ICommand>(command =>
        {
            _ledger.Begun = command.Id;
            Run(Operations.For(this, command));
        });
        Receive<AddressSpaceProtocol.Abandon>(abandon =>
        {
            if (_ledger.Bindings.ContainsKey(abandon.Id))
            {
                Run(new DetachOperation(this, new AddressSpaceProtocol.DetachDevice(Guid.NewGuid(), abandon.Id)));
            }
            else if (_ledger.Prepared == abandon.Id)
            {
                _ledger.Prepared = null;
                Run(new RecoverOperation(this, BecomeIdle));
            }
        });
        Receive<WindowsProtocol.Seen>(seen => _ledger.Windows.Seen(seen, Self));
        Receive<Terminated>(ended => ContainerEnded(ended));
        ReceiveAny(_ =>
        {
            // A late answer to an operation that is over: what it reports was settled with it.
        });
    }

    private void Busy()
    {
        Receive<AddressSpaceProtocol.ICommand>(_ => Stash.Stash());
        Receive<AddressSpaceProtocol.Abandon>(abandon =>
        {
            if (abandon.Id == _operation!.Id)
            {
                _operation.Abandon();
            }
            else
            {
                Stash.Stash();
            }
        });
        Receive<WindowsProtocol.Seen>(seen => _ledger.Windows.Seen(seen, Self));
        Receive<AskHostAgain>(again => Context.Parent.Tell(new VmmProtocol.ToHost(again.Question), Self));
        Receive<Terminated>(ended => ContainerEnded(ended));
        ReceiveAny(message => _operation!.Handle(message));
    }

    private void Run(IOperation operation)
    {
        _operation = operation;
        Become(Busy);
        operation.Begin();
    }

    private void BecomeIdle()
    {
        Timers.Cancel(nameof(AskHostAgain));
        _ledger.Windows.Show(_ledger, WindowsCause.Undone, device: "", Self);
        _operation = null;
        _ledger.Begun = null;
        Become(Idle);
        Stash.UnstashAll();
    }

    private void Recovered()
    {
        foreach (var orphan in _orphans)
        {
            _vmm.Pending.Answer(
                orphan,
                new AddressSpaceProtocol.Faulted(orphan, $"The actor of space {_ledger.Name} stopped {(orphan == _ledger.Begun ? $"with the command under way: {_cause}. What it had begun is undone; what cannot be refused is done." : $"before the command: {_cause}. It was not begun: give it again.")}"),
                Self);
        }

        BecomeIdle();
    }

    private void ContainerEnded(Terminated ended)
    {
        var container = _ledger.Containers.FirstOrDefault(candidate => ContainerName(candidate.Id) == ended.ActorRef.Path.Name);
        if (container is null)
        {
            _ledger.Windows.Watchers.Remove(ended.ActorRef);
            return;
        }

        var reason = "its actor ended";
        _log.Warning("Container {0} of space {1}: {2}; its ring and mappings stay, and a new actor takes them over.", container.Id, _ledger.Name, reason);
        container.Degraded = reason;
        _lost.Add(container.Id);
        StartContainer(container);
        if (_operation is not null)
        {
            _operation.ContainerLost(container.Id, reason);
        }
        else
        {
            Run(new RecoverOperation(this, BecomeIdle));
        }
    }

    private void Watch(WindowsProtocol.Watch watch)
    {
        Context.Watch(watch.Subscriber);
        _ledger.Windows.Add(watch.Subscriber, watch.Credit, Self);
        _vmm.Pending.Answer(watch.Id, new WindowsProtocol.Watching(watch.Id), Self);
    }

    private void StartContainer(ContainerLedger container) =>
        Context.Watch(Context.ActorOf(Props.Create(() => new ContainerActor(container, _vmm.Settings)), ContainerName(container.Id)));

    private sealed record AskHostAgain(object Question);
}
