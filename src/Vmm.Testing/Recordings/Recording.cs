using System.Text;

namespace Vmm.Testing.Recordings;

/// <summary>A recording that was read: the calls that were made of one kernel, and the host that they were made on.</summary>
public sealed class Recording
{
    private Recording(string file, RecordingHeader header, IReadOnlyList<RecordedLine> lines, bool isCut)
    {
        File = file;
        Header = header;
        Lines = lines;
        IsCut = isCut;
    }

    /// <summary>Where it was read from.</summary>
    public string File { get; }

    /// <summary>Which kernel was recorded: <c>linux</c> or <c>emulated</c>.</summary>
    public string Kernel => Header.Kernel;

    /// <summary>The release of that kernel, as uname said it.</summary>
    public string Release => Header.Release;

    /// <summary>The Linux that the replay emulates.</summary>
    public string Personality => Header.Personality.Name;

    /// <summary>Lines that are whole, the header among them.</summary>
    public int WholeLines => Lines.Count + 1;

    /// <summary>True when the last line is not whole: whoever recorded was ended in the middle, or the disk was full.</summary>
    public bool IsCut { get; }

    internal RecordingHeader Header { get; }

    /// <summary>The lines behind the header; the first is line 2 of the file.</summary>
    internal IReadOnlyList<RecordedLine> Lines { get; }

    /// <summary>True when a file begins as a recording does, whatever it is called; false for one that is empty or cannot be read.</summary>
    /// <param name="path">A file.</param>
    public static bool IsRecording(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var start = new char[RecordingHeader.Start.Length];
            return start.AsSpan(0, reader.ReadBlock(start)).SequenceEqual(RecordingHeader.Start);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Whoever reads it next says why it cannot be read.
            return false;
        }
    }

    /// <summary>Reads a recording. A last line that is not whole is left out; any other is an error.</summary>
    /// <param name="path">A file that <see cref="RecordingFile"/> wrote.</param>
    /// <exception cref="RecordingFormatException">It cannot be used; names the line.</exception>
    public static Recording Load(string path)
    {
        try
        {
            return Parse(System.IO.File.ReadAllText(path, Encoding.UTF8), path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new RecordingFormatException(path, 0, $"the file cannot be read: {fault.Message}", "name a file that --record wrote", fault);
        }
    }

    /// <summary>Reads a recording from text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">What errors call it.</param>
    /// <exception cref="RecordingFormatException">It cannot be used; names the line.</exception>
    public static Recording Parse(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(RecordingHeader.Start, StringComparison.Ordinal))
        {
            throw new RecordingFormatException(file, text.Length == 0 ? 0 : 1, text.Length == 0 ? "the file is empty" : "this is no recording", "name a file that --record wrote");
        }

        var texts = text.Split('\n');
        var header = RecordingHeader.Read(file, texts[0]);
        var lines = new List<RecordedLine>();
        for (var at = 1; at < texts.Length; at++)
        {
            var isLast = at == texts.Length - 1;
            if (isLast && texts[at].Length == 0)
            {
                break;
            }

            try
            {
                lines.Add(RecordedLine.Parse(texts[at]));
            }
            catch (FormatException) when (isLast)
            {
                // Nothing ends this line: it was being written when the recording ended.
                return new Recording(file, header, lines, isCut: true);
            }
            catch (FormatException wrong)
            {
                throw new RecordingFormatException(file, at + 1, $"the line is no call: {wrong.Message}", "take what comes before it, or record again", wrong);
            }
        }

        return new Recording(file, header, lines, isCut: false);
    }
}
