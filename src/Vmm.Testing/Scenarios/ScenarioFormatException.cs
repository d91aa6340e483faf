namespace Vmm.Testing.Scenarios;

/// <summary>A scenario that cannot be used as written. The message is one line: place, key, what is wrong, what is right.</summary>
public sealed class ScenarioFormatException : Exception
{
    /// <summary>A refusal that names its place.</summary>
    /// <param name="place"><c>file:line:column</c>, as much of it as is known.</param>
    /// <param name="key">The key, dotted: <c>steps[3].expect.outcome</c>; may be empty.</param>
    /// <param name="wrong">What is wrong.</param>
    /// <param name="right">What is right.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public ScenarioFormatException(string place, string key, string wrong, string right, Exception? inner = null)
        : base(OneLine($"{place}{(key.Length == 0 ? "" : " " + key)}: {wrong}; {right}"), inner)
    {
        Place = place;
        Key = key;
    }

    /// <summary>Puts what is known of the place in front of a refusal that does not know its file.</summary>
    internal ScenarioFormatException(string place, ScenarioFormatException inner)
        : base($"{place}: {inner.Message}", inner)
    {
        Place = place;
        Key = inner.Key.Length == 0 ? inner.Place : $"{inner.Place}.{inner.Key}";
    }

    /// <summary><c>file:line:column</c>, as much of it as is known.</summary>
    public string Place { get; }

    /// <summary>The key, dotted; may be empty.</summary>
    public string Key { get; }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
