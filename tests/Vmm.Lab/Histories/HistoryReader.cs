using Vmm.Lab.Running;

namespace Vmm.Lab.Histories;

/// <summary>A history that is there already, an operation after the other.</summary>
internal sealed class HistoryReader(History history) : IHistorySource
{
    private int _next;

    /// <inheritdoc/>
    public Operation? Next() => _next < history.Operations.Count ? history.Operations[_next++] : null;

    /// <inheritdoc/>
    public void Hear(Operation operation, Outcome answer)
    {
    }
}
