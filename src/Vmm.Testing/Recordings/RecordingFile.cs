using System.Text.Json;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Recordings;

/// <summary>
/// A file that every call to one kernel goes into, line by line, so that a crash leaves what was done until then. Calls go on where it
/// cannot be written; <see cref="Failure"/> says so afterwards. Changes of the host are noted before the next call. Thread-safe.
/// </summary>
public sealed class RecordingFile : IDisposable
{
    private readonly Stream _stream;
    private readonly Lock _gate = new();
    private HostWatch? _watch;
    private bool _isClosed;

    internal RecordingFile(Stream stream, string path)
    {
        _stream = stream;
        Path = path;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Lines that were written whole, the header among them.</summary>
    public long Lines { get; private set; }

    /// <summary>Why it could not be written to its end; null while all is well.</summary>
    public string? Failure { get; private set; }

    /// <summary>Makes the file, or empties the one that is there.</summary>
    /// <param name="path">Where.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made there.</exception>
    public static RecordingFile Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);

        // Without a buffer each line is in the file when it is written.
        return new RecordingFile(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0), path);
    }

    /// <summary>Begins the recording: writes the header, and puts the recorder in front of a kernel. Once a file.</summary>
    /// <param name="kernel">The kernel that answers.</param>
    /// <returns>The kernel to use; its name is the same.</returns>
    /// <exception cref="InvalidOperationException">The file holds another kernel's calls.</exception>
    public HostKernel Record(HostKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (_watch is not null)
        {
            throw new InvalidOperationException($"{Path} holds the calls of one kernel, and has one already.");
        }

        var header = RecordingHeader.Of(kernel);
        WriteLine(header.Write);
        _watch = new HostWatch(kernel, header.Host, Note);
        return new RecordingKernel(kernel, new Sink(this, _watch)).ToHostKernel();
    }

    /// <summary>Notes what is no call: see <see cref="RecordedLine"/>.</summary>
    internal void Note(string what, Dictionary<string, string> fields) => Note(new RecordedLine(new KernelCall(0, what, null, fields, new Dictionary<string, string>(), 0, default)));

    /// <summary>Ends looking for changes of the host, so that nothing of the recorder is open in its kernel.</summary>
    internal void EndWatch() => _watch?.Dispose();

    /// <summary>Closes the file; calls that are made later are not in it.</summary>
    public void Dispose()
    {
        EndWatch();
        lock (_gate)
        {
            _isClosed = true;
            _stream.Dispose();
        }
    }

    private void Note(SysfsTree host) => Note(new RecordedLine(new KernelCall(0, RecordedLine.HostChanged, null, new Dictionary<string, string>(), new Dictionary<string, string>(), 0, default), host));

    private void Note(RecordedLine line) => WriteLine(line.Write);

    private void WriteLine(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        lock (_gate)
        {
            if (_isClosed || Failure is not null)
            {
                return;
            }

            try
            {
                _stream.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
                _stream.Flush();
                Lines++;
            }
            catch (IOException full)
            {
                Failure = full.Message;
            }
        }
    }

    private sealed class Sink(RecordingFile file, HostWatch watch) : ICallSink
    {
        public void BeforeCall() => watch.Look();

        public void BeforeList(string path) => watch.LookBeforeList(path);

        public void Keep(KernelCall call) => file.Note(new RecordedLine(call));
    }
}
