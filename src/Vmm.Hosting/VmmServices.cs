using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Hosting.HostWatch;

namespace Vmm.Hosting;

/// <summary>Adds Vmm to a generic host: <see cref="IVmm"/> and <see cref="IVmmHealth"/> as services, started and released with the host.</summary>
public static class VmmServices
{
    internal const string TwoSystems =
        "this host has an ActorSystem already, and AddVmm makes one of its own; write services.AddVmmClient(o => ...) and, in AddAkka, akka.WithVmm()";

    // Vmm's actors are never restarted: what fails stops, and the ledgers keep what it held.
    private const string StopWhatFails = "akka.actor.guardian-supervisor-strategy = \"Akka.Actor.StoppingSupervisorStrategy\"";

    /// <summary>Adds Vmm with an ActorSystem of its own.</summary>
    /// <param name="services">The host's services; without an ActorSystem.</param>
    /// <param name="configure">Names the kernel, by <see cref="VmmKernels.UseLinuxKernel"/> or UseEmulatedKernel of Vmm.Testing, and sets what else is wanted.</param>
    /// <exception cref="VmmConfigException">The host has an ActorSystem already, or Vmm.</exception>
    public static IServiceCollection AddVmm(this IServiceCollection services, Action<VmmOptions> configure) => services.AddVmm(Configured(configure));

    /// <summary>Adds Vmm with an ActorSystem of its own.</summary>
    /// <param name="services">The host's services; without an ActorSystem.</param>
    /// <param name="options">With a kernel named.</param>
    /// <exception cref="VmmConfigException">The host has an ActorSystem already, or Vmm.</exception>
    public static IServiceCollection AddVmm(this IServiceCollection services, VmmOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(ActorSystem)))
        {
            throw new VmmConfigException(TwoSystems);
        }

        // The order is that of stopping, backwards: the monitor, everything held, the actor system.
        services.AddAkka("vmm", akka => akka
            .AddHocon(ConfigurationFactory.ParseString(StopWhatFails), HoconAddMode.Prepend)
            .ConfigureLoggers(loggers => loggers.ClearLoggers().AddLoggerFactory())
            .WithVmm());
        return services.AddVmmClient(options);
    }

    /// <summary>Adds Vmm to a host with an ActorSystem, after AddAkka, in which <see cref="WithVmm"/> is called.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Names the kernel, and sets what else is wanted.</param>
    /// <exception cref="VmmConfigException">The host has Vmm already, or AddAkka was not called yet.</exception>
    public static IServiceCollection AddVmmClient(this IServiceCollection services, Action<VmmOptions> configure) => services.AddVmmClient(Configured(configure));

    /// <summary>Adds Vmm to a host with an ActorSystem, after AddAkka, in which <see cref="WithVmm"/> is called.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">With a kernel named.</param>
    /// <exception cref="VmmConfigException">The host has Vmm already, or AddAkka was not called yet.</exception>
    public static IServiceCollection AddVmmClient(this IServiceCollection services, VmmOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        if (services.Any(service => service.ServiceType == typeof(VmmStart)))
        {
            throw new VmmConfigException("this host has Vmm already; call AddVmm or AddVmmClient once");
        }

        if (services.All(service => service.ServiceType != typeof(ActorSystem)))
        {
            throw new VmmConfigException("AddVmmClient needs an ActorSystem that outlives it; call services.AddAkka(\"name\", akka => akka.WithVmm()) first, or AddVmm alone");
        }

        services.AddMetrics();
        services.AddSingleton(options);
        services.AddSingleton(new VmmRegistration(services));
        services.TryAddSingleton<IRamDiscard, NoRamDiscard>();
        services.AddSingleton<VmmStart>();
        services.AddSingleton<IVmm, ObservedVmm>();
        services.AddSingleton<HostMonitor>();
        services.AddSingleton<IVmmHealth, VmmHealth>();
        services.AddHostedService<VmmHostedService>();
        services.AddHostedService(provider => provider.GetRequiredService<HostMonitor>());
        services.PostConfigure<HostOptions>(host => host.ShutdownTimeout = options.StopTimeout > host.ShutdownTimeout ? options.StopTimeout : host.ShutdownTimeout);
        return services;
    }

    /// <summary>Runs Vmm's actors in this ActorSystem. <c>AddVmmClient</c>, called after AddAkka, says on which kernel.</summary>
    /// <param name="akka">The system's configuration; its guardian should stop what fails (<c>Akka.Actor.StoppingSupervisorStrategy</c>), since Vmm's actors are never restarted.</param>
    public static AkkaConfigurationBuilder WithVmm(this AkkaConfigurationBuilder akka)
    {
        ArgumentNullException.ThrowIfNull(akka);
        return akka.WithActors((system, _, resolver) =>
        {
            var start = resolver.GetService<VmmStart>()
                ?? throw new VmmConfigException("WithVmm needs services.AddVmmClient(o => o.UseLinuxKernel()) after AddAkka");
            start.System = system;
        });
    }

    private static VmmOptions Configured(Action<VmmOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new VmmOptions();
        configure(options);
        return options;
    }
}
