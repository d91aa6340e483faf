namespace Akka.Embedded.Tests.Support;

/// <summary>What happened, in order; written by actors, read by the test.</summary>
public sealed class Journal
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    public string[] Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    public void Add(object line)
    {
        lock (_gate) _lines.Add(line.ToString()!);
    }

    public override string ToString() => string.Join(' ', Lines);
}
