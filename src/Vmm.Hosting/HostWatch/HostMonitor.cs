using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vmm.Actors.Client;
using Vmm.Iommu.Results;

namespace Vmm.Hosting.HostWatch;

/// <summary>
/// Listens to the kernel's uevents and has the host scanned again when devices came, went or changed drivers. Starts with a
/// scan, so that nothing between the first one and the beginning of listening is missed.
/// </summary>
internal sealed partial class HostMonitor(VmmStart start, IVmm vmm, VmmOptions options, ILogger<HostMonitor> log) : IHostedService, IDisposable
{
    private readonly Channel<RescanReason> _scans =
        Channel.CreateBounded<RescanReason>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly TaskCompletionSource _listenerEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private DescriptorWait? _wait;
    private Task _scanning = Task.CompletedTask;
    private int _descriptor = -1;
    private bool _isDisposed;

    // ORDERING: written by the listener's thread, read by Fault on any: a reader sees the whole text or none, and nothing else goes with it.
    private volatile string? _listenerFault;

    // ORDERING: written by the scans, one at a time, read by Fault on any thread, as above.
    private volatile string? _scanFault;

    /// <summary>Why the host is not watched although it should be; null when all is well.</summary>
    // ORDERING: pairs with the writes below; each text is whole before it is published, and no other state goes with it.
    public string? Fault => _listenerFault ?? _scanFault;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.WatchHost)
        {
            return Task.CompletedTask;
        }

        var listening = start.Kernel.Uevents.Listen();
        if (!listening.IsOk)
        {
            throw new IommuException("listen to uevents", "the netlink socket", listening.Errno, "Set watchHost to false to go without.");
        }

        _descriptor = listening.Descriptor;
        _wait = new DescriptorWait(_descriptor);
        _scanning = ScanAsync(_stop.Token);
        Ask(RescanReason.Started);

        // A thread of its own: it blocks in poll(2) for as long as nothing happens.
        new Thread(Listen) { IsBackground = true, Name = "vmm-uevents" }.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_wait is null)
        {
            return;
        }

        _wait.Stop();
        await _listenerEnded.Task.WaitAsync(cancellationToken);
        _scans.Writer.TryComplete();
        await _stop.CancelAsync();
        await _scanning.WaitAsync(cancellationToken);
    }

    /// <summary>Once or more. Ends the listener of a host that was never stopped; the thread gives back what it waits on, since nobody here waits for it.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _wait?.Stop();
        _scans.Writer.TryComplete();
        _stop.Cancel();
        _stop.Dispose();
    }

    // What is dropped while a scan waits to begin is seen by that scan.
    private void Ask(RescanReason reason) => _scans.Writer.TryWrite(reason);

    private void Listen()
    {
        try
        {
            new UeventListener(start.Kernel.Uevents, _descriptor, _wait!, options.RescanDelay, Ask).Run();
        }
        catch (IommuException fault)
        {
            // ORDERING: pairs with the read in Fault.
            _listenerFault = fault.Message;
            LogListenerEnded(log, fault);
        }
        finally
        {
            _wait!.Dispose();
            start.Kernel.Uevents.Close(_descriptor);
            _listenerEnded.SetResult();
        }
    }

    private async Task ScanAsync(CancellationToken stop)
    {
        await foreach (var reason in _scans.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }

            try
            {
                var topology = await vmm.RescanHostAsync(stop);
                // ORDERING: pairs with the read in Fault.
                _scanFault = null;
                LogScanned(log, reason, topology.Groups.Count, topology.Devices.Count);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is IommuException or TimeoutException or OperationCanceledException)
            {
                // The next uevent asks again; what was missed meanwhile is in the health report.
                // ORDERING: pairs with the read in Fault.
                _scanFault = $"the last scan failed: {fault.Message}";
                LogScanFailed(log, reason, fault);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "Host scanned ({Reason}): {Groups} groups, {Devices} devices")]
    private static partial void LogScanned(ILogger log, RescanReason reason, int groups, int devices);

    [LoggerMessage(LogLevel.Error, "The host could not be scanned ({Reason})")]
    private static partial void LogScanFailed(ILogger log, RescanReason reason, Exception fault);

    [LoggerMessage(LogLevel.Error, "Uevents are not heard any more")]
    private static partial void LogListenerEnded(ILogger log, Exception fault);
}
