using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Embedded.Tests.Support;
using Akka.Event;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using LogLevel = Akka.Event.LogLevel;

namespace Akka.Embedded.Tests;

public sealed class HostingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Actors_start_in_order_then_startup_tasks_and_are_found_by_key()
    {
        var journal = new Journal();
        using var host = HostOf(akka => akka
            .AddStartup((_, _) => journal.Add("task"))
            .WithActors((system, registry) =>
            {
                journal.Add("first");
                registry.Register<HostingTests>(system.ActorOf(Fn.Echo()));
            })
            .WithActors((system, registry, resolver) => journal.Add($"second {registry.TryGet<HostingTests>(out _)} {resolver is not null}")));
        await host.StartAsync();
        Assert.Equal("first second True True task", journal.ToString());
        var required = host.Services.GetRequiredService<IRequiredActor<HostingTests>>();
        Assert.Equal(5, await required.ActorRef.Ask<int>(5, Patience));
        Assert.Equal(required.ActorRef, ActorRegistry.For(host.Services.GetRequiredService<ActorSystem>()).Get<HostingTests>());
        await host.StopAsync();
    }

    [Fact]
    public async Task The_host_ends_the_system()
    {
        using var host = HostOf(_ => { });
        await host.StartAsync();
        var system = host.Services.GetRequiredService<ActorSystem>();
        await host.StopAsync();
        await system.WhenTerminated.WaitAsync(Patience);
    }

    [Fact]
    public async Task The_end_of_the_system_stops_the_host()
    {
        using var host = HostOf(_ => { });
        await host.StartAsync();
        var stopping = new TaskCompletionSource();
        using var registration = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await host.Services.GetRequiredService<ActorSystem>().Terminate();
        await stopping.Task.WaitAsync(Patience);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_starter_that_fails_fails_the_start_of_the_host()
    {
        using var host = HostOf(akka => akka.WithActors((_, _) => throw new BoomException()));
        await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        await host.Services.GetRequiredService<ActorSystem>().WhenTerminated.WaitAsync(Patience);
    }

    [Fact]
    public async Task Prepended_configuration_wins_and_appended_does_not()
    {
        using var host = HostOf(akka => akka
            .AddHocon("my.a = 1\nmy.b = 1", HoconAddMode.Prepend)
            .AddHocon("my.a = 2", HoconAddMode.Prepend)
            .AddHocon("my.b = 2", HoconAddMode.Append)
            .WithActorAskTimeout(TimeSpan.FromSeconds(7)));
        await host.StartAsync();
        var settings = host.Services.GetRequiredService<ActorSystem>().Settings;
        Assert.Equal((2, 1), (settings.Config.GetInt("my.a"), settings.Config.GetInt("my.b")));
        Assert.Equal(TimeSpan.FromSeconds(7), settings.AskTimeout);
        await host.StopAsync();
    }

    [Fact]
    public async Task Log_events_reach_the_loggers_of_the_host()
    {
        using var lines = new Lines();
        using var host = HostOf(
            akka => akka.ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = LogLevel.WarningLevel;
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            }).WithActors((system, _) =>
            {
                var log = Logging.GetLogger(system, "source");
                log.Info("not this");
                log.Error(new BoomException("cause"), "number {0}", 7);
            }),
            logging => logging.AddProvider(lines));
        await host.StartAsync();
        await host.StopAsync();
        Assert.Contains(lines.All, l => l.Contains("Error", StringComparison.Ordinal) && l.Contains("number 7", StringComparison.Ordinal) && l.Contains("cause", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.All, l => l.Contains("not this", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_resolver_mixes_services_and_arguments()
    {
        var made = new TaskCompletionSource<string>();
        using var host = HostOf(
            akka => akka.WithActors((system, _, resolver) => system.ActorOf(resolver.Props<Served>("given"))),
            services: s => s.AddSingleton(made));
        await host.StartAsync();
        Assert.Equal("given", await made.Task.WaitAsync(Patience));
        Assert.NotNull(DependencyResolver.For(host.Services.GetRequiredService<ActorSystem>()).Resolver.GetService<TaskCompletionSource<string>>());
        await host.StopAsync();
    }

    private static IHost HostOf(
        Action<AkkaConfigurationBuilder> akka, Action<ILoggingBuilder>? logging = null, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        logging?.Invoke(builder.Logging);
        services?.Invoke(builder.Services);
        builder.Services.AddAkka("hosted", b =>
        {
            b.AddHocon(Spec.QuietConfig, HoconAddMode.Append);
            akka(b);
        });
        return builder.Build();
    }

    private sealed class Served : UntypedActor
    {
        public Served(TaskCompletionSource<string> made, string text) => made.SetResult(text);

        protected override void OnReceive(object message)
        {
        }
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly Journal _journal = new();

        public string[] All => _journal.Lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

        public void Log<TState>(
            Microsoft.Extensions.Logging.LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _journal.Add($"{logLevel} {formatter(state, exception)} {exception?.Message}");

        public void Dispose()
        {
        }
    }
}
