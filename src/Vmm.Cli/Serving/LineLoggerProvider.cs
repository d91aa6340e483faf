using Microsoft.Extensions.Logging;

namespace Vmm.Cli.Serving;

/// <summary>Logs as lines of a writer: level, category, scopes, message, and of an exception its message alone.</summary>
internal sealed class LineLoggerProvider(TextWriter output) : ILoggerProvider, ISupportExternalScope
{
    private readonly Lock _gate = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? failure)
    {
        var scopes = new List<string>();
        _scopes.ForEachScope(
            (scope, found) =>
            {
                if (scope is IEnumerable<KeyValuePair<string, object?>> pairs)
                {
                    found.AddRange(pairs.Where(pair => pair.Key != "{OriginalFormat}").Select(pair => $" {pair.Key}={pair.Value}"));
                }
            },
            scopes);
        var line = $"{Word(level)} {category}{string.Concat(scopes)}: {message}{(failure is null ? "" : $": {failure.Message}")}";
        lock (_gate)
        {
            output.WriteLine(line.ReplaceLineEndings(" "));
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(logLevel, category, formatter(state, exception), exception);
    }
}
