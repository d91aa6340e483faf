using Vmm.Actors.Containers;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Puts one question to containers, one after the other. The first refusal ends it, after a <see cref="Settlement"/> has taken
/// back what those before it had done.
/// </summary>
/// <param name="space">The space.</param>
/// <param name="containers">The containers, in order.</param>
/// <param name="question">What each is asked: <see cref="ContainerProtocol.PrepareView"/> or <see cref="ContainerProtocol.SetHoles"/>.</param>
/// <param name="done">Called when all have done it.</param>
/// <param name="refused">Called when one has not and the others are as before, with what could not be taken back in the refusal.</param>
internal sealed class AllOrNone(ISpace space, IEnumerable<int> containers, object question, Action done, Action<Refusal> refused)
{
    private readonly Queue<int> _waiting = new(containers);
    private readonly List<int> _touched = [];
    private Settlement? _settlement;

    /// <summary>Asks the first container.</summary>
    public void Begin() => Next();

    /// <summary>Takes an answer; others than that of the container that was asked are of no interest.</summary>
    public void Handle(object message)
    {
        if (_settlement is not null)
        {
            _settlement.Handle(message);
            return;
        }

        if (message is not ContainerProtocol.IReply reply || !_waiting.TryPeek(out var asked) || asked != reply.Container)
        {
            return;
        }

        switch (message)
        {
            case ContainerProtocol.ViewPrepared or ContainerProtocol.Admitted:
                _waiting.Dequeue();
                Next();
                break;
            case ContainerProtocol.NotAdmitted answer:
                Refuse(answer.Refusal);
                break;
        }
    }

    /// <summary>A container's actor was replaced.</summary>
    /// <param name="container">Which.</param>
    /// <param name="refusal">Why it cannot go on, where that container was the one asked.</param>
    public void ContainerLost(int container, Refusal refusal)
    {
        if (_settlement is not null)
        {
            _settlement.ContainerLost(container);
        }
        else if (_waiting.TryPeek(out var asked) && asked == container)
        {
            Refuse(refusal);
        }
    }

    /// <summary>Ends it as a refusal does; nothing where it is ending already.</summary>
    public void Refuse(Refusal refusal)
    {
        if (_settlement is null)
        {
            Settle(left => refused(refusal.Leaving(left)));
        }
    }

    /// <summary>Brings the containers that were asked to what the ledger says now.</summary>
    /// <param name="settled">Called with what could not be released.</param>
    public void Settle(Action<IReadOnlyList<string>> settled)
    {
        _settlement = new Settlement(space, _touched, settled);
        _settlement.Begin();
    }

    private void Next()
    {
        if (_waiting.TryPeek(out var container))
        {
            _touched.Add(container);
            space.ToContainer(container, question);
        }
        else
        {
            done();
        }
    }
}
