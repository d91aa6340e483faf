using Akka.Actor;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Vmm.Hosting;

/// <summary>Starts loudly and stops in order: a failing start ends the host with its reason, and the stop releases everything before the actor system ends.</summary>
internal sealed partial class VmmHostedService(VmmStart start, VmmRegistration registration, VmmOptions options, ILogger<VmmHostedService> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (registration.Services.Count(service => service.ServiceType == typeof(ActorSystem)) > 1)
            {
                throw new VmmConfigException(VmmServices.TwoSystems);
            }

            start.Start();
        }
        catch (Exception failure)
        {
            start.Fail(failure);
            throw;
        }

        LogStarted(log, start.Kernel.Name);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.StopTimeout);
        try
        {
            await start.ReleaseAsync().WaitAsync(limit.Token);
            LogReleased(log);
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested)
        {
            LogNotInTime(log);
            throw new TimeoutException("the release was not done in time; raise stopTimeout, and the host's ShutdownTimeout with it", late);
        }
        catch (Exception failure)
        {
            LogNotReleased(log, failure);
            throw;
        }
    }

    [LoggerMessage(LogLevel.Information, "Vmm runs on the {Kernel} kernel")]
    private static partial void LogStarted(ILogger log, string kernel);

    [LoggerMessage(LogLevel.Information, "Everything is released")]
    private static partial void LogReleased(ILogger log);

    [LoggerMessage(LogLevel.Error, "The release was not done in time; the kernel releases the rest when the process ends")]
    private static partial void LogNotInTime(ILogger log);

    [LoggerMessage(LogLevel.Error, "Not everything could be released; the kernel releases the rest when the process ends")]
    private static partial void LogNotReleased(ILogger log, Exception failure);
}
