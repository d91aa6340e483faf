namespace Vmm.Cli.Drawing;

/// <summary>What a piece of a drawing stands for; a terminal makes it a colour.</summary>
internal enum Ink
{
    Plain,
    Faint,
    Strong,
    Writable,
    ReadOnly,
    Reserved,
    Skipped,
    Outside,
    Bad,
    Good,
}
