using Spectre.Console;

namespace Vmm.Cli;

/// <summary>Where a verb reads and writes. A verb never touches <see cref="Console"/>, so that tests run it in process.</summary>
/// <param name="In">Standard input.</param>
/// <param name="Out">What was asked for.</param>
/// <param name="Error">One line when something is wrong; logs of <c>serve</c>.</param>
/// <param name="IsTerminal">True when <paramref name="Out"/> shows colours.</param>
/// <param name="Width">Columns of <paramref name="Out"/>.</param>
internal sealed record CliConsole(TextReader In, TextWriter Out, TextWriter Error, bool IsTerminal, int Width)
{
    private const int WidthOfFiles = 160;

    /// <summary>The console of this process. <c>NO_COLOR</c> in the environment turns colours off.</summary>
    public static CliConsole OfThisProcess()
    {
        var isTerminal = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var width = Console.IsOutputRedirected ? WidthOfFiles : Math.Max(Console.WindowWidth, 40);
        return new CliConsole(Console.In, Console.Out, Console.Error, isTerminal, width);
    }

    /// <summary>A console for tables and trees on <see cref="Out"/>.</summary>
    public IAnsiConsole Rich()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = IsTerminal ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Out),
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
