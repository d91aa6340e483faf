using Akka.Actor;
using Akka.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Akka.Hosting;

/// <summary>Starts the actors with the host, ends the system with it, and ends the host when the system has ended by itself.</summary>
internal sealed class HostedActorSystem(IServiceProvider provider, ILogger<ActorSystem> log, IHostApplicationLifetime lifetime = null) : IHostedService
{
    private ActorSystem _system;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _system = provider.GetRequiredService<ActorSystem>();
            var resolver = DependencyResolver.For(_system).Resolver;
            await provider.GetRequiredService<AkkaConfigurationBuilder>().StartAll(_system, ActorRegistry.For(_system), resolver);
        }
        catch (Exception cause)
        {
            log.LogCritical(cause, "The actor system could not be started.");
            await StopAsync(cancellationToken);
            throw;
        }
        _system.RegisterOnTermination(() => lifetime?.StopApplication());
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_system is not null) await _system.Terminate().WaitAsync(cancellationToken);
    }
}
