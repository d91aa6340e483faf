using Akka.Actor;

namespace Vmm.Actors.AddressSpaces;

/// <summary>The vIOMMU's answer to a replay, as a message.</summary>
/// <param name="Id">The operation that asked.</param>
/// <param name="Outcome">What it came to.</param>
internal sealed record ReplayAnswer(Guid Id, ReplayOutcome Outcome)
{
    /// <summary>Asks when an earlier question is answered. What the VMM throws is a refusal with its words.</summary>
    public static async Task<ReplayOutcome> AskAsync(Task<ReplayOutcome>? earlier, Func<Task<ReplayOutcome>> question)
    {
        if (earlier is not null)
        {
            await earlier;
        }

        try
        {
            return await question();
        }
        catch (Exception fault)
        {
            return ReplayOutcome.Refused($"{fault.GetType().Name}: {fault.Message}");
        }
    }

    /// <summary>Sends the answer to an actor when it is there.</summary>
    public static void PipeTo(Task<ReplayOutcome> answer, Guid operation, IActorRef to)
    {
        _ = answer.PipeTo(to, success: outcome => new ReplayAnswer(operation, outcome));
    }
}
