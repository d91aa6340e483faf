namespace Vmm.Contract.Stories;

/// <summary>One call: a verb, its words, and the wanted answer; null where whatever comes is recorded.</summary>
/// <param name="Place">File and line.</param>
/// <param name="Verb">The call.</param>
/// <param name="Words">Names and numbers that it is about, in order.</param>
/// <param name="Options">What stands as <c>name=value</c>.</param>
/// <param name="Answer">The wanted answer: a number, <c>ok</c> for any, or an errno.</param>
public sealed record StoryLine(string Place, string Verb, IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Options, string? Answer)
{
    /// <summary>Reads <c>verb words name=value => answer</c>.</summary>
    /// <exception cref="FormatException">The line says nothing.</exception>
    public static StoryLine Parse(string place, string text)
    {
        var halves = text.Split(" => ", 2, StringSplitOptions.TrimEntries);
        var words = halves[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            throw new FormatException($"{place}: a call is missing before '=>'; write such as: unset-container g => EBUSY");
        }

        return new StoryLine(
            place,
            words[0],
            [.. words.Skip(1).Where(word => !word.Contains('='))],
            words.Skip(1).Where(word => word.Contains('=')).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]),
            halves.Length == 2 ? halves[1] : null);
    }

    /// <summary>True for the wanted answer, and for any where none is wanted.</summary>
    public bool Accepts(string answer) => Answer is null || answer == Answer || (Answer == "ok" && !answer.StartsWith('E'));

    /// <summary>The call, as it was written.</summary>
    public override string ToString() => string.Join(' ', [Verb, .. Words, .. Options.Select(option => $"{option.Key}={option.Value}")]);
}
