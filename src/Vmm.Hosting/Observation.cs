using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Vmm.Hosting;

/// <summary>The span and the log scope of one call. A call that ends without <see cref="End"/> failed.</summary>
internal sealed class Observation : IDisposable
{
    private readonly Activity? _span;
    private readonly ILogger _log;
    private readonly Stack<IDisposable?> _scopes = new();
    private bool _ended;

    private Observation(Activity? span, ILogger log, object scope)
    {
        _span = span;
        _log = log;
        _scopes.Push(log.BeginScope(scope));
    }

    /// <summary>Begins a call in an address space, about a device where there is one.</summary>
    public static Observation Begin(ILogger log, string call, string space, string? device = null)
    {
        var span = VmmActivity.Source.StartActivity(call);
        span?.SetTag("address_space", space).SetTag("device", device);
        List<KeyValuePair<string, object?>> scope = [new("address_space", space)];
        if (device is not null)
        {
            scope.Add(new("device", device));
        }

        return new Observation(span, log, scope);
    }

    /// <summary>Says which group and container the call is about.</summary>
    public void In(int group, int container)
    {
        _span?.SetTag("group", group).SetTag("container", container);
        _scopes.Push(_log.BeginScope(new KeyValuePair<string, object?>[] { new("group", group), new("container", container) }));
    }

    /// <summary>Says how the call ended.</summary>
    public void End(string outcome)
    {
        _ended = true;
        _span?.SetTag("outcome", outcome);
    }

    public void Dispose()
    {
        if (!_ended)
        {
            _span?.SetStatus(ActivityStatusCode.Error).SetTag("outcome", "failed");
        }

        while (_scopes.TryPop(out var scope))
        {
            scope?.Dispose();
        }

        _span?.Dispose();
    }
}
