using Akka.Actor;
using Akka.Event;
using Vmm.Actors.AddressSpaces;
using Vmm.Actors.Hosts;

namespace Vmm.Actors;

/// <summary>
/// The root of a VM's actors: the host, and one actor for each address space. It forwards commands and keeps account of those
/// not answered, so that a space's actor can be replaced without losing one.
/// </summary>
internal sealed class VmmActor : ReceiveActor, IWithUnboundedStash
{
    private const string HostName = "host";
    private const int CloseAttempts = 3;
    private readonly VmmLedger _vmm;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, Closing> _closing = [];
    private IActorRef? _shutDownFor;
    private readonly List<string> _left = [];
    private readonly Queue<(IActorRef ReplyTo, object Question)> _questions = [];

    public VmmActor(VmmLedger vmm)
    {
        _vmm = vmm;
        Receive<VmmProtocol.ToSpace>(ToSpace);
        Receive<VmmProtocol.Abandon>(abandon => Context.Child(ChildName(abandon.Space)).Tell(new AddressSpaceProtocol.Abandon(abandon.Command)));
        Receive<VmmProtocol.WindowsSeen>(seen => Context.Child(ChildName(seen.Space)).Tell(seen.What));
        Receive<VmmProtocol.ToHost>(ToHost);
        Receive<HostProtocol.TopologySnapshot>(Snapshot);
        Receive<VmmProtocol.OpenSpace>(Open);
        Receive<VmmProtocol.CloseSpace>(close => Close(close.Name, Sender));
        Receive<VmmProtocol.GetSpaces>(_ => Sender.Tell(new VmmProtocol.Spaces([.. _vmm.Spaces.Select(space => space.Name)])));
        Receive<VmmProtocol.ShutDown>(_ => ShutDown());
        Receive<AddressSpaceProtocol.Closed>(closed => Closed(closed.Id, closed.Left));
        Receive<AddressSpaceProtocol.Faulted>(CloseFaulted);
        Receive<VmmProtocol.SpaceClosed>(_ => FinishShutDown());
        Receive<Terminated>(Ended);
    }

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => Stopping.Strategy;

    /// <inheritdoc/>
    protected override void PreStart() => StartHost();

    /// <inheritdoc/>
    protected override void PostStop() => _vmm.MarkStopped();

    private static string ChildName(string space) => $"address-space-{Uri.EscapeDataString(space)}";

    private AddressSpaceLedger? Find(string space) => _vmm.Spaces.FirstOrDefault(known => known.Name == space);

    private void StartHost() =>
        Context.Watch(Context.ActorOf(Props.Create(() => new HostActor(_vmm.Host, _vmm.Settings.Kernel.Sysfs)), HostName));

    private void StartSpace(AddressSpaceLedger space, IReadOnlyList<Guid> orphans, string? cause) =>
        Context.Watch(Context.ActorOf(Props.Create(() => new AddressSpaceActor(space, _vmm, orphans, cause)), ChildName(space.Name)));

    private void ToSpace(VmmProtocol.ToSpace command)
    {
        if (Find(command.Space) is null || _closing.ContainsKey(command.Space))
        {
            Sender.Tell(new VmmProtocol.NoSuchSpace(command.Space));
            return;
        }

        _vmm.Pending.Accept(command.Command.Id, command.Space, Sender);
        Context.Child(ChildName(command.Space)).Tell(command.Command, Self);
    }

    /// <summary>The host answers in order of arrival, so questions are kept until then: a host that stops takes none with it.</summary>
    private void ToHost(VmmProtocol.ToHost command)
    {
        if (command.Command is HostProtocol.GetTopology or HostProtocol.Rescan)
        {
            _questions.Enqueue((Sender, command.Command));
            Context.Child(HostName).Tell(command.Command, Self);
            return;
        }

        Context.Child(HostName).Forward(command.Command);
    }

    private void Snapshot(HostProtocol.TopologySnapshot snapshot)
    {
        if (_questions.TryDequeue(out var asked))
        {
            asked.ReplyTo.Tell(snapshot, Self);
        }
    }

    private void Open(VmmProtocol.OpenSpace open)
    {
        if (_closing.ContainsKey(open.Name))
        {
            // The former space of this name is on its way out; the new one begins when it has gone.
            Stash.Stash();
            return;
        }

        if (_shutDownFor is not null)
        {
            Sender.Tell(new VmmProtocol.SpaceRefused("The VM is shutting down."));
            return;
        }

        if (string.IsNullOrEmpty(open.Name) || Find(open.Name) is not null)
        {
            Sender.Tell(new VmmProtocol.SpaceRefused(string.IsNullOrEmpty(open.Name)
                ? "An address space needs a name, such as 'memory'."
                : $"The VM has an address space {open.Name} already: choose another name, or close that one."));
            return;
        }

        var space = new AddressSpaceLedger(open.Name, _vmm.Backend, _vmm.SystemMemory, open.GuestIommu);
        _vmm.Add(space);
        StartSpace(space, [], cause: null);
        Sender.Tell(new VmmProtocol.SpaceOpened(open.Name, space.Mapper));
    }

    private void Close(string name, IActorRef replyTo)
    {
        if (_closing.TryGetValue(name, out var under))
        {
            under.ReplyTo.Add(replyTo);
            return;
        }

        if (Find(name) is null)
        {
            replyTo.Tell(new VmmProtocol.SpaceClosed(name, []), Self);
            return;
        }

        _closing[name] = new Closing(replyTo);
        AskToClose(name);
    }

    private void AskToClose(string name)
    {
        var command = _closing[name].NewAttempt();
        _vmm.Pending.Accept(command, name, Self);
        Context.Child(ChildName(name)).Tell(new AddressSpaceProtocol.Close(command), Self);
    }

    private void CloseFaulted(AddressSpaceProtocol.Faulted faulted)
    {
        var (name, closing) = _closing.FirstOrDefault(entry => entry.Value.Command == faulted.Id);
        if (name is null)
        {
            return;
        }

        if (closing.Attempts < CloseAttempts)
        {
            AskToClose(name);
            return;
        }

        Closed(faulted.Id, [faulted.Words]);
    }

    private void Closed(Guid command, IReadOnlyList<string> left)
    {
        var (name, closing) = _closing.FirstOrDefault(entry => entry.Value.Command == command);
        if (name is not null)
        {
            closing.Left = left;
            Context.Stop(Context.Child(ChildName(name)));
        }
    }

    private void Ended(Terminated ended)
    {
        if (ended.ActorRef.Path.Name == HostName)
        {
            StartHost();
            foreach (var (_, question) in _questions)
            {
                Context.Child(HostName).Tell(question, Self);
            }

            return;
        }

        var space = _vmm.Spaces.First(known => ChildName(known.Name) == ended.ActorRef.Path.Name);
        if (_closing.TryGetValue(space.Name, out var closing) && closing.Left is { } left)
        {
            _closing.Remove(space.Name);
            foreach (var watcher in space.Windows.Watchers.All)
            {
                watcher.Tell(new WatchEnded(), Self);
            }

            if (!_vmm.Remove(space))
            {
                _left.AddRange(left);
            }

            closing.ReplyTo.ForEach(asker => asker.Tell(new VmmProtocol.SpaceClosed(space.Name, left), Self));
            Stash.UnstashAll();
            return;
        }

        _log.Warning("The actor of space {0} ended; its containers stay, and a new actor takes them over.", space.Name);
        StartSpace(space, _vmm.Pending.Of(space.Name), "it failed or was stopped");
    }

    private void ShutDown()
    {
        _shutDownFor = Sender;
        foreach (var space in _vmm.Spaces)
        {
            Close(space.Name, Self);
        }

        FinishShutDown();
    }

    private void FinishShutDown()
    {
        if (_shutDownFor is not null && _vmm.Spaces.Count == 0)
        {
            _shutDownFor.Tell(new VmmProtocol.ShutDownDone(_left), Self);
            Context.Stop(Self);
        }
    }

    private sealed class Closing(IActorRef replyTo)
    {
        public Guid Command { get; private set; }

        public int Attempts { get; private set; }

        public List<IActorRef> ReplyTo { get; } = [replyTo];

        public IReadOnlyList<string>? Left { get; set; }

        public Guid NewAttempt()
        {
            Attempts++;
            Command = Guid.NewGuid();
            return Command;
        }
    }
}
