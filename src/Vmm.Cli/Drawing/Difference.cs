namespace Vmm.Cli.Drawing;

/// <summary>What a step did to a range of a container. The last is the strongest: a range of several shows it.</summary>
internal enum Difference
{
    None,

    /// <summary>Nothing is mapped there before or after, but what may be is another.</summary>
    Window,

    /// <summary>Unmapped and mapped again as it was.</summary>
    Churned,

    /// <summary>Mapped before and after, in another way.</summary>
    Changed,

    Added,
    Removed,
}
