namespace Vmm.Testing.Recordings;

/// <summary>A recording that cannot be used. The message is one line: file, line, what is wrong, what is right.</summary>
/// <param name="file">The recording.</param>
/// <param name="line">The line, from 1; 0 for the whole file.</param>
/// <param name="wrong">What is wrong.</param>
/// <param name="right">What is right.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class RecordingFormatException(string file, int line, string wrong, string right, Exception? inner = null)
    : Exception($"{file}: {(line == 0 ? "" : $"{line}: ")}{wrong}; {right}".ReplaceLineEndings(" "), inner)
{
    /// <summary>The line, from 1; 0 for the whole file.</summary>
    public int Line { get; } = line;
}
