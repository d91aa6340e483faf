namespace Vmm.Cli;

/// <summary>Ends a verb with one line on standard error and an exit code.</summary>
internal sealed class CliException : Exception
{
    /// <summary>Ends the verb.</summary>
    /// <param name="message">One line: file, line or key; what is wrong; what is right.</param>
    /// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
    /// <param name="inner">The cause, where one exists.</param>
    public CliException(string message, int exitCode = Cli.ExitCode.Error, Exception? inner = null)
        : base(message, inner) => ExitCode = exitCode;

    /// <summary>One of <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode { get; }
}
