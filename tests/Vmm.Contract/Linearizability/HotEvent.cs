namespace Vmm.Contract.Linearizability;

/// <summary>A request as it was seen from outside.</summary>
/// <param name="Operation">What was asked.</param>
/// <param name="Invoked">When, by a clock that all threads share.</param>
/// <param name="Answered">When the answer was there.</param>
/// <param name="Answer">The answer.</param>
public readonly record struct HotEvent(HotOperation Operation, long Invoked, long Answered, int Answer)
{
    public override string ToString() => $"[{Invoked}..{Answered}] {Operation} = {Answer}";
}
