namespace Vmm.Testing.Captures;

/// <summary>A capture that cannot be used. The message is one line: file, place, what is wrong, what is right.</summary>
/// <param name="file">The capture.</param>
/// <param name="place">The place in it, such as <c>steps[3].calls[2].call</c>; empty for the whole file.</param>
/// <param name="wrong">What is wrong.</param>
/// <param name="right">What is right.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class CaptureFormatException(string file, string place, string wrong, string right, Exception? inner = null)
    : Exception($"{file}: {(place.Length == 0 ? "" : $"{place}: ")}{wrong}; {right}".ReplaceLineEndings(" "), inner)
{
    /// <summary>The place in the file; empty for the whole of it.</summary>
    public string Place { get; } = place;
}
