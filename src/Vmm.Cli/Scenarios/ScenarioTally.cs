using Vmm.Cli.Drawing;
using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Scenarios;

/// <summary>Counts runs: what was skipped is neither passed nor failed.</summary>
internal sealed class ScenarioTally
{
    private int _passed;
    private int _failed;
    private int _skipped;

    internal bool HasFailed => _failed > 0;

    /// <summary>Runs so far.</summary>
    internal int Runs => _passed + _failed + _skipped;

    internal void Count(ScenarioResult result)
    {
        if (result.Skipped is not null)
        {
            _skipped++;
        }
        else if (result.Passed)
        {
            _passed++;
        }
        else
        {
            _failed++;
        }
    }

    internal Ink Ink => _failed > 0 ? Ink.Bad : _skipped > 0 ? Ink.Skipped : Ink.Good;

    public override string ToString() => $"{Runs} runs: {_passed} passed, {_failed} failed, {_skipped} skipped";
}
