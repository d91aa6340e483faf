namespace Akka.Actor;

/// <summary>A decider that is a function.</summary>
public class LocalOnlyDecider : IDecider
{
    private readonly Func<Exception, Directive> _decider;

    public LocalOnlyDecider(Func<Exception, Directive> decider) => _decider = decider ?? throw new ArgumentNullException(nameof(decider));

    public Directive Decide(Exception cause) => _decider(cause);
}
