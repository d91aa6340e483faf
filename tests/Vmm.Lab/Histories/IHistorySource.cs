using Vmm.Lab.Running;

namespace Vmm.Lab.Histories;

/// <summary>Where the operations of a history come from: from a list, or from an author who hears the answers.</summary>
internal interface IHistorySource
{
    /// <summary>The next operation; null at the end.</summary>
    Operation? Next();

    /// <summary>Says what the first kernel answered to the operation given last.</summary>
    void Hear(Operation operation, Outcome answer);
}
