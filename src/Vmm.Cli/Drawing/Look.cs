namespace Vmm.Cli.Drawing;

/// <summary>How a range looks in one container.</summary>
internal enum Look
{
    Free,
    Outside,
    Reserved,
    Skipped,
    ReadOnly,
    Writable,
    Dying,

    /// <summary>Several of the others, too small to be drawn apart.</summary>
    Mixed,
}
