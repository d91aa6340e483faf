using Xunit.Abstractions;

namespace Vmm.Contract.Running;

/// <summary>What xunit asks of whoever starts it: its own defaults, and what it sets itself.</summary>
internal sealed class PlainOptions : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
{
    private readonly Dictionary<string, object?> _values = [];

    public TValue GetValue<TValue>(string name) => _values.TryGetValue(name, out var value) ? (TValue)value! : default!;

    public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
}
