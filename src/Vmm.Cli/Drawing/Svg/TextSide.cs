namespace Vmm.Cli.Drawing.Svg;

/// <summary>Which end of a text stands at its place.</summary>
internal enum TextSide
{
    Start,
    End,
}
