using Akka.Actor;
using Akka.Configuration;
using Akka.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Akka.Hosting;

/// <summary>An actor system as part of a host: starts and ends with it.</summary>
public static class AkkaHostingExtensions
{
    public static IServiceCollection AddAkka(this IServiceCollection services, string actorSystemName, Action<AkkaConfigurationBuilder> builder) =>
        services.AddAkka(actorSystemName, (b, _) => builder(b));

    /// <summary>Adds the system, its registry, <see cref="IRequiredActor{TActor}"/> and the service that starts and ends it.</summary>
    public static IServiceCollection AddAkka(
        this IServiceCollection services, string actorSystemName, Action<AkkaConfigurationBuilder, IServiceProvider> builder)
    {
        services.AddSingleton(provider =>
        {
            var configuration = new AkkaConfigurationBuilder(actorSystemName);
            builder(configuration, provider);
            return configuration;
        });
        services.AddSingleton<ActorSystem>(CreateSystem);
        services.AddSingleton(provider => ActorRegistry.For(provider.GetRequiredService<ActorSystem>()));
        services.AddSingleton<IActorRegistry>(provider => provider.GetRequiredService<ActorRegistry>());
        services.AddSingleton<IReadOnlyActorRegistry>(provider => provider.GetRequiredService<ActorRegistry>());
        services.AddSingleton(typeof(IRequiredActor<>), typeof(RequiredActor<>));
        services.AddSingleton<IHostedService, HostedActorSystem>();
        return services;
    }

    /// <summary>Adds configuration; the mode says who wins.</summary>
    public static AkkaConfigurationBuilder AddHocon(this AkkaConfigurationBuilder builder, Config hocon, HoconAddMode addMode)
    {
        builder.Add(hocon, addMode);
        return builder;
    }

    /// <summary>Adds a section of the host's configuration: "akka:actor:x" is the key akka.actor.x, in lower case when normalized.</summary>
    public static AkkaConfigurationBuilder AddHocon(
        this AkkaConfigurationBuilder builder, IConfiguration configuration, HoconAddMode addMode, bool normalizeKeys = true)
    {
        var values = configuration.AsEnumerable(makePathsRelative: false)
            .Where(v => v.Value is not null)
            .Select(v => (Key(v.Key, normalizeKeys), v.Value))
            .ToArray();
        return builder.AddHocon(Config.Of(values), addMode);
    }

    /// <summary>Sets the time-out of Ask calls that name none.</summary>
    public static AkkaConfigurationBuilder WithActorAskTimeout(this AkkaConfigurationBuilder builder, TimeSpan timeout) =>
        builder.AddHocon(Config.Of(("akka.actor.ask-timeout", timeout == Timeout.InfiniteTimeSpan ? "infinite" : $"{timeout.TotalMilliseconds:F0}ms")), HoconAddMode.Prepend);

    public static AkkaConfigurationBuilder WithActors(this AkkaConfigurationBuilder builder, Action<ActorSystem, IActorRegistry> actorStarter) =>
        builder.StartActors(actorStarter);

    public static AkkaConfigurationBuilder WithActors(
        this AkkaConfigurationBuilder builder, Action<ActorSystem, IActorRegistry, IDependencyResolver> actorStarter) => builder.StartActors(actorStarter);

    public static AkkaConfigurationBuilder WithActors(this AkkaConfigurationBuilder builder, ActorStarterWithResolver actorStarter) =>
        builder.StartActors(actorStarter);

    public static AkkaConfigurationBuilder WithActors(this AkkaConfigurationBuilder builder, ActorStarter actorStarter) => builder.StartActors(actorStarter);

    private static ActorSystemImpl CreateSystem(IServiceProvider provider)
    {
        var builder = provider.GetRequiredService<AkkaConfigurationBuilder>();
        var resolver = new DependencyResolver(new ServiceProviderDependencyResolver(provider));
        var factory = builder.LoggerFactory ?? provider.GetService<ILoggerFactory>();
        return new ActorSystemImpl(builder.ActorSystemName, builder.Hocon, resolver, factory).Start();
    }

    private static string Key(string key, bool normalize)
    {
        var path = key.Replace(':', '.');
        return normalize ? path.ToLowerInvariant() : path;
    }
}
