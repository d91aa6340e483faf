namespace Vmm.Cli;

/// <summary>What the command ends with.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Refused by a rule: the input was good, and the answer is no.</summary>
    public const int Refused = 1;

    /// <summary>Bad input or a fault: nothing was done, or what was begun is undone.</summary>
    public const int Error = 2;
}
