namespace Vmm.Iommu.HotPath;

/// <content>The end of a turn, and who takes the next one.</content>
public sealed partial class ContainerRing
{
    /// <summary>After requests were executed.</summary>
    private void GiveTurnBack(int executed)
    {
        Account(executed);
        PassTurnOn();
    }

    private void Account(int executed)
    {
        // ORDERING: only the holder of the turn writes it; the pair of the read in Executed.
        Volatile.Write(ref _executed, _executed + executed);
        _meter?.EndTurn(executed);
        if (_turn.IsClosed)
        {
            // ORDERING: release, the pair of the read in IsClosed.
            Volatile.Write(ref _isClosed, true);
        }
    }

    /// <summary>
    /// Gives the turn back, then looks whether somebody has to be woken for what came meanwhile. Hot requests need nobody as long as
    /// their callers are awake: each looks for itself before it sleeps.
    /// </summary>
    private void PassTurnOn()
    {
        do
        {
            // ORDERING: a full fence between giving back and looking; the pair of the ones in WakeUnlessHeld, BeginWait and WaitForRoom.
            Interlocked.Exchange(ref _holder, Nobody);
        }
        while (IsHeadPublished && DoesAnybodyRely && LeavesTurnToCaller());
    }

    /// <summary>
    /// Nobody has the turn and something waits: the worker is woken for it. Where none gets on beside the callers, and one of those
    /// went to sleep since another had the turn, this caller executes a request, for nobody else comes.
    /// </summary>
    /// <returns>True when the caller has the turn now, and has to pass it on.</returns>
    private bool LeavesTurnToCaller()
    {
        if (_worker.IsBesideCallers || !DoesAnybodySleep)
        {
            _worker.Wake();
            return false;
        }

        if (!TryTakeTurn())
        {
            return false;
        }

        TryExecuteHead(out var executed);
        Account(executed);
        return true;
    }
}
