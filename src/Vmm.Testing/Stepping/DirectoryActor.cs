using Akka.Actor;

namespace Vmm.Testing.Stepping;

/// <summary>Notes who spoke to it: see <see cref="SteppedRun"/>.</summary>
internal sealed class DirectoryActor : ReceiveActor
{
    public DirectoryActor(SteppedRun run)
    {
        Receive<Meet>(_ =>
        {
            if (!Sender.Equals(Self))
            {
                run.Met(Sender);
                Context.Watch(Sender);
            }
        });
        Receive<Terminated>(ended => run.Forget(ended.ActorRef));
    }

    /// <summary>Sent without a sender named, so that Akka names the one whose turn it is.</summary>
    internal sealed class Meet
    {
        public static readonly Meet Instance = new();
    }
}
