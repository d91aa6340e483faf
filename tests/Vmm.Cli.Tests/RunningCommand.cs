namespace Vmm.Cli.Tests;

/// <summary>Runs a command line in process and keeps what it wrote.</summary>
internal sealed record RunningCommand(int ExitCode, string Out, string Error)
{
    /// <summary>A captured host that every test may read.</summary>
    public const string Host = "emulated:configs/hosts/q35-vtd.tar.gz";

    public static async Task<RunningCommand> Of(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = new CliConsole(TextReader.Null, output, error, IsTerminal: false, Width: 160);
        var code = await VmmCommand.RunAsync(arguments, console, CancellationToken.None);
        return new RunningCommand(code, output.ToString(), error.ToString());
    }

    /// <summary>Asserts that the command ended with 2, wrote nothing but one line on standard error, and no stack trace.</summary>
    public string TheOneErrorLine()
    {
        Assert.Equal((2, ""), (ExitCode, Out));
        var line = Assert.Single(Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("vmm: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        return line;
    }
}
