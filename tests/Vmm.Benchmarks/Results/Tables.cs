using System.Globalization;

namespace Vmm.Benchmarks.Results;

/// <summary>Figures, and the difference between two runs, as tables for people.</summary>
internal static class Tables
{
    /// <summary>The columns of <see cref="Line"/>.</summary>
    public static string Header(string title) =>
        $"{title,-72}{"median",12}{"p5 to p95",25}{"work",12}{"bytes/op",10}{"gc 0/1/2",10}{"paused",10}{"control",22}  aim";

    /// <summary>One figure.</summary>
    public static string Line(Figure figure)
    {
        var spread = figure.Blocks > 1 ? $"{Value(figure.P5, figure.Unit)} to {Value(figure.P95, figure.Unit)}" : "";
        var isTimed = figure.Control is not null;
        var control = figure.Control is { } ratio ? Text($"{ratio.Median:N2} ({ratio.P5:N2} to {ratio.P95:N2})") : "";
        var holds = figure.Holds switch { true => ": holds", false => ": does NOT hold", null => "" };
        return Text($"{figure.Name,-72}{Value(figure.Value, figure.Unit),12}{spread,25}{(figure.Work is { } work ? Value(work, "ns") : ""),12}")
            + Text($"{(isTimed ? Text($"{figure.Bytes:N0}") : ""),10}{string.Join('/', figure.Collections),10}{(isTimed ? Text($"{figure.PauseMilliseconds:N1} ms") : ""),10}")
            + $"{control,22}  {figure.Aim.Text}{holds}{(figure.Note is null ? "" : $"; {figure.Note}")}";
    }

    /// <summary>A value with its unit, times in what reads best.</summary>
    public static string Value(double value, string unit) => (unit, value) switch
    {
        ("ns", >= 1e9) => Text($"{value / 1e9:N1} s"),
        ("ns", >= 1e6) => Text($"{value / 1e6:N1} ms"),
        ("ns", >= 1e4) => Text($"{value / 1e3:N1} µs"),
        ("ratio", _) => Text($"{value:N2}×"),
        _ => Text($"{value:N1} {unit}"),
    };

    /// <summary>Prints what became of each figure, and then those that are worse.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="before">The first run.</param>
    /// <param name="after">The second run.</param>
    public static void Print(TextWriter output, ResultFile before, ResultFile after)
    {
        var all = Compared.All(before, after);
        if (before.Machine != after.Machine)
        {
            output.WriteLine($"the machines differ, so ratios say little: {before.Machine} and {after.Machine}");
        }

        if (before.IsQuick || after.IsQuick)
        {
            output.WriteLine("a quick run is among them: a look, not a comparison");
        }

        output.WriteLine($"{"figure",-72}{"before",12}{"after",12}{"ratio",10}{"noise",10}  verdict");
        foreach (var row in all)
        {
            output.WriteLine(Text($"{row.Name,-72}{Shown(row.Before),12}{Shown(row.After),12}{row.Ratio,10:N2}{row.Noise,10:N2}  {Word(row)}"));
        }

        var worse = all.Where(row => row.Verdict is Verdict.Worse or Verdict.AllocatesMore).Select(row => row.Name).ToList();
        output.WriteLine(worse.Count == 0 ? "nothing is worse by more than the noise" : $"worse by more than the noise: {string.Join("; ", worse)}");
    }

    private static string Shown(Figure? figure) => figure is null ? "" : Value(figure.Value, figure.Unit);

    private static string Word(Compared row) => row.Verdict switch
    {
        Verdict.Same => "same",
        Verdict.Better => "better",
        Verdict.Worse => "WORSE",
        Verdict.AllocatesMore => Text($"ALLOCATES MORE: {row.Before!.Bytes:N0} and {row.After!.Bytes:N0} bytes"),
        Verdict.Gone => "gone",
        _ => "new",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
