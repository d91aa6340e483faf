using Akka.Actor;
using Vmm.Iommu.Results;

namespace Vmm.Actors.AddressSpaces;

/// <summary>The VMM's answer about discarding RAM, as a message.</summary>
/// <param name="Disable">True when it was asked to stop; false when it may go on.</param>
/// <param name="Answer">What it said.</param>
internal sealed record DiscardAnswer(bool Disable, SysResult Answer)
{
    /// <summary>Asks. What the VMM throws at once is an answer like what it throws later.</summary>
    public static async Task<SysResult> AskAsync(Func<CancellationToken, Task<SysResult>> question) => await question(CancellationToken.None);

    /// <summary>Sends the answer to an actor when it is there; a fault of the VMM is EIO.</summary>
    public static void PipeTo(Task<SysResult> answer, bool disable, IActorRef to)
    {
        _ = answer.PipeTo(to, success: said => new DiscardAnswer(disable, said), failure: _ => new DiscardAnswer(disable, Errno.EIO));
    }
}
