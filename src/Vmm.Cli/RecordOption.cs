using System.CommandLine;
using Vmm.Testing.Recordings;

namespace Vmm.Cli;

/// <summary><c>--record FILE</c>: the option of every verb that touches a kernel.</summary>
internal static class RecordOption
{
    /// <summary>The option.</summary>
    public static Option<string?> Create() => new("--record")
    {
        Description = "Write every call to the kernel, and the host, into this file; vmm replay makes the calls again on the emulated kernel.",
        HelpName = "FILE",
    };

    /// <summary>Runs with a recording, or without one where no path is given.</summary>
    /// <returns>What <paramref name="run"/> returns.</returns>
    /// <exception cref="CliException">The file cannot be made, and nothing was run; or all was run and the file is not whole.</exception>
    public static int With(string? path, Func<RecordingFile?, int> run)
    {
        if (path is null)
        {
            return run(null);
        }

        using var file = Create(path);
        return Checked(file, run(file));
    }

    /// <summary>The same for a verb that waits.</summary>
    public static async Task<int> WithAsync(string? path, Func<RecordingFile?, Task<int>> run)
    {
        if (path is null)
        {
            return await run(null);
        }

        using var file = Create(path);
        return Checked(file, await run(file));
    }

    /// <summary>A failure to write changes nothing of what is done, and is told when it is done.</summary>
    private static int Checked(RecordingFile file, int code) => file.Failure is null
        ? code
        : throw new CliException(
            $"--record {file.Path}: only the first {file.Lines:N0} lines could be written: {file.Failure}; make room or name another file, and run again. All else was done, and ended with {code}");

    private static RecordingFile Create(string path)
    {
        try
        {
            return RecordingFile.Create(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException($"--record {path}: the file cannot be made: {fault.Message}; name one in a directory that you may write to", ExitCode.Error, fault);
        }
    }
}
