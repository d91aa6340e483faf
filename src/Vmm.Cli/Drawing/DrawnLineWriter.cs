using Spectre.Console;

namespace Vmm.Cli.Drawing;

/// <summary>Puts drawn lines on a terminal in colour, and anywhere else as plain text.</summary>
internal static class DrawnLineWriter
{
    internal static void Write(CliConsole console, IEnumerable<DrawnLine> lines)
    {
        if (!console.IsTerminal)
        {
            foreach (var line in lines)
            {
                console.Out.WriteLine(line.ToString());
            }

            return;
        }

        var rich = console.Rich();
        foreach (var line in lines)
        {
            var paragraph = new Paragraph();
            foreach (var (text, ink) in line.Pieces)
            {
                paragraph.Append(text, StyleOf(ink));
            }

            rich.Write(paragraph.Overflow(Overflow.Crop));
            rich.WriteLine();
        }
    }

    private static Style StyleOf(Ink ink) => ink switch
    {
        Ink.Faint => new Style(Color.Grey),
        Ink.Strong => new Style(decoration: Decoration.Bold),
        Ink.Writable => new Style(Color.Green),
        Ink.ReadOnly => new Style(Color.Yellow),
        Ink.Reserved => new Style(Color.Red),
        Ink.Skipped => new Style(Color.Blue),
        Ink.Outside => new Style(Color.Grey),
        Ink.Bad => new Style(Color.Red, decoration: Decoration.Bold),
        Ink.Good => new Style(Color.Green),
        _ => Style.Plain,
    };
}
