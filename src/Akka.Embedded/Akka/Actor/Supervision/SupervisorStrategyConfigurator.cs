using Akka.Configuration;

namespace Akka.Actor;

/// <summary>Makes the strategy that <c>akka.actor.guardian-supervisor-strategy</c> names.</summary>
public abstract class SupervisorStrategyConfigurator
{
    protected SupervisorStrategyConfigurator()
    {
    }

    public abstract SupervisorStrategy Create();

    /// <exception cref="ConfigurationException">No such type.</exception>
    public static SupervisorStrategyConfigurator CreateConfigurator(string typeName) => typeName switch
    {
        "Akka.Actor.DefaultSupervisorStrategy" => new UnsetSupervisorStrategy(),
        "Akka.Actor.StoppingSupervisorStrategy" => new StoppingSupervisorStrategy(),
        _ => TypeByName.Make<SupervisorStrategyConfigurator>(Settings.GuardianStrategyKey, typeName),
    };

    /// <summary>What Akka's default comes to where nothing is restarted.</summary>
    private sealed class UnsetSupervisorStrategy : SupervisorStrategyConfigurator
    {
        public override SupervisorStrategy Create() => SupervisorStrategy.Unset;
    }
}
