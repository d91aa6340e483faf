using Akka.Actor;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Containers;

/// <summary>
/// Where attach is serialised against mapping: this actor alone puts admissions, plans and evictions of a container into its
/// ring, one at a time; what arrives meanwhile waits in the stash. What each does in the ring's turn is in
/// <see cref="ContainerWork"/>. The ring and the descriptors are in the ledger, from which a replacement goes on.
/// </summary>
internal sealed class ContainerActor : ReceiveActor, IWithUnboundedStash, IWithTimers
{
    private static readonly TimeSpan RingFull = TimeSpan.FromMilliseconds(10);

    private readonly ContainerLedger _ledger;
    private readonly VmmSettings _settings;
    private IActorRef _asker = ActorRefs.Nobody;

    public ContainerActor(ContainerLedger ledger, VmmSettings settings)
    {
        _ledger = ledger;
        _settings = settings;
        Idle();
    }

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private ContainerContents Contents => _ledger.Contents;

    private void Idle()
    {
        Receive<ContainerProtocol.Open>(open => Sender.Tell(Opened(open), Self));
        Receive<ContainerProtocol.Admit>(admit => InTurn(
            turn => ContainerWork.Admit(turn, _ledger, _settings.Kernel, admit),
            answer => Answer(answer.Refusal is null
                ? new ContainerProtocol.Admitted(_ledger.Id, answer.Snapshot)
                : new ContainerProtocol.NotAdmitted(_ledger.Id, answer.Refusal, answer.Snapshot))));
        Receive<ContainerProtocol.SetHoles>(set => InTurn(
            turn => (Refusal: ContainerWork.SetHoles(turn, set.Holes), turn.Snapshot),
            answer => Answer(answer.Refusal is null
                ? new ContainerProtocol.Admitted(_ledger.Id, answer.Snapshot)
                : new ContainerProtocol.NotAdmitted(_ledger.Id, answer.Refusal, answer.Snapshot))));
        Receive<ContainerProtocol.OpenDevice>(open => InTurn(
            turn => ContainerWork.OpenDevice(turn, Contents, _settings.Kernel, open),
            answer => Answer(answer.Hardware is null
                ? new ContainerProtocol.NotAdmitted(_ledger.Id, answer.Refusal!, answer.Snapshot)
                : new ContainerProtocol.DeviceOpened(_ledger.Id, answer.Hardware, answer.Snapshot))));
        Receive<ContainerProtocol.PrepareView>(prepare => InTurn(turn => ViewWork.Prepare(turn, Contents, prepare.View), Prepare));
        Receive<ContainerProtocol.ApplyView>(apply => InTurn(turn => ViewWork.Remove(turn, Contents, apply.View, apply.AllOrNothing), work => Add(work, apply.AllOrNothing)));
        Receive<ContainerProtocol.Reconcile>(Reconcile);
        Receive<ContainerProtocol.Judge>(judge => InTurn(
            turn => (Plan: ContainerWork.Judge(turn, _ledger, judge), turn.Snapshot),
            judged => Answer(new ContainerProtocol.Judged(_ledger.Id, judged.Plan, judged.Snapshot))));
        Receive<ContainerProtocol.GetState>(_ => InTurn(
            turn => ContainerWork.Report(turn, Contents, _ledger),
            report => Answer(new ContainerProtocol.State(_ledger.Id, report))));
    }

    private void Working()
    {
        Receive<Continue>(next => next.Step());
        ReceiveAny(_ => Stash.Stash());
    }

    /// <summary>Nothing is mapped in a container that opens, so none of its calls pins or waits, and there is no ring yet to put them in.</summary>
    private object Opened(ContainerProtocol.Open open)
    {
        var refusal = ContainerWork.Open(_ledger, _settings, open);
        return refusal is null
            ? new ContainerProtocol.Admitted(_ledger.Id, _ledger.Ring!.Snapshot)
            : new ContainerProtocol.NotAdmitted(_ledger.Id, refusal, Snapshot: null);
    }

    private void Prepare(ViewWork work)
    {
        if (work.Refusal is not null)
        {
            Answer(new ContainerProtocol.NotAdmitted(_ledger.Id, work.Refusal, _ledger.Ring!.Snapshot));
            return;
        }

        MapSlices(work, () => Answer(work.Refusal is null
            ? new ContainerProtocol.ViewPrepared(_ledger.Id)
            : new ContainerProtocol.NotAdmitted(_ledger.Id, work.Refusal, _ledger.Ring!.Snapshot)));
    }

    private void Add(ViewWork work, bool isFirst) => MapSlices(work, () =>
    {
        _ledger.Skipped = [.. work.Skipped];
        _ledger.Pending = [.. work.Pending];
        Contents.IsFilled |= isFirst && work.Refusal is null;
        Answer(new ContainerProtocol.ViewApplied(_ledger.Id, work.Report(), work.Refusal));
    });

    /// <summary>Puts one slice after the other into the ring, so that a vCPU's own map waits for a slice and not for a DIMM.</summary>
    private void MapSlices(ViewWork work, Action done)
    {
        if (!work.HasMore)
        {
            done();
            return;
        }

        InTurn(
            turn =>
            {
                work.MapSlice(turn);
                return work;
            },
            _ => MapSlices(work, done));
    }

    private void Reconcile(ContainerProtocol.Reconcile wanted)
    {
        if (_ledger.Ring is null or { IsClosed: true })
        {
            // Its first group never came in, and opening undoes itself; or a former actor had it closed and ended before it could say so.
            Sender.Tell(new ContainerProtocol.Reconciled(_ledger.Id, [], IsClosed: true, []), Self);
            return;
        }

        InTurn(turn => SettleWork.Begin(turn, Contents, wanted), work =>
        {
            if (work.View is { } view)
            {
                MapSlices(view, () => InTurn(work.Finish, Settled));
            }
            else
            {
                InTurn(work.Finish, Settled);
            }
        });
    }

    private void Settled(ContainerSettled settled)
    {
        _ledger.Groups = settled.Groups;
        (_ledger.Skipped, _ledger.Pending) = (settled.Skipped, settled.Pending);
        Answer(new ContainerProtocol.Reconciled(_ledger.Id, settled.Groups, settled.IsClosed, settled.Left) { Holes = settled.Holes, Notes = settled.Notes });
    }

    private void InTurn<T>(Func<ContainerTurn, T> work, Action<T> done)
    {
        if (_ledger.Ring is not { } ring)
        {
            throw new InvalidOperationException($"Container {_ledger.Id} has no ring yet: its first member is not in.");
        }

        if (_asker.IsNobody())
        {
            _asker = Sender;
            Become(Working);
        }

        var self = Self;
        if (!ring.Post(work, result => self.Tell(new Continue(() => Take(result, done)))))
        {
            Timers.StartSingleTimer(nameof(RingFull), new Continue(() => InTurn(work, done)), RingFull);
        }
    }

    private void Take<T>(RingResult<T> result, Action<T> done)
    {
        if (!result.IsDone)
        {
            throw new IommuException(
                "a request",
                $"container {_ledger.Id}",
                Errno.None,
                result.Fault is null ? "The container is closed." : $"It failed: {result.Fault.Message}",
                result.Fault);
        }

        _ledger.Groups = Contents.Groups;
        done(result.Value!);
    }

    private void Answer(object reply)
    {
        var asker = _asker;
        _asker = ActorRefs.Nobody;
        Become(Idle);
        Stash.UnstashAll();
        asker.Tell(reply, Self);
    }

    private sealed record Continue(Action Step);
}
