using Akka.Actor;
using Akka.Event;
using Vmm.Actors.Containers;

namespace Vmm.Actors.AddressSpaces;

/// <summary>What an operation may do; its actor stands behind it.</summary>
internal interface ISpace
{
    /// <summary>What the space is meant to hold.</summary>
    AddressSpaceLedger Ledger { get; }

    /// <summary>The VM's settings.</summary>
    VmmSettings Settings { get; }

    /// <summary>The space's log.</summary>
    ILoggingAdapter Log { get; }

    /// <summary>The actor, for replies of tasks.</summary>
    IActorRef Self { get; }

    /// <summary>Sends to a container's living actor.</summary>
    void ToContainer(int container, object message);

    /// <summary>A new container: entered in the ledger, its actor started.</summary>
    ContainerLedger NewContainer();

    /// <summary>Notes what a container holds now; one that is closed leaves the ledger, and its actor stops.</summary>
    void ContainerSettled(ContainerProtocol.Reconciled settled);

    /// <summary>Warns of sections that are left out, each memory region once.</summary>
    void ReportSkips(IEnumerable<SkippedSection> skipped);

    /// <summary>Asks the host, again and again until <see cref="HostAnswered"/>: the question must bear repeating.</summary>
    void AskHost(object question);

    /// <summary>The answer has come.</summary>
    void HostAnswered();

    /// <summary>Tells watchers of the valid IOVAs what is new, answers the command; the next one begins.</summary>
    /// <param name="reply">The answer.</param>
    /// <param name="cause">Why valid IOVAs may have changed.</param>
    /// <param name="device">The device it was done for, or nothing.</param>
    void Finish(object reply, WindowsCause cause = WindowsCause.Undone, string device = "");
}
