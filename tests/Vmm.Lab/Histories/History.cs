namespace Vmm.Lab.Histories;

/// <summary>A list of operations, as a text of one operation a line; <c>#</c> begins a comment.</summary>
/// <param name="Operations">In order.</param>
internal sealed record History(IReadOnlyList<Operation> Operations)
{
    /// <summary>Reads a history.</summary>
    /// <exception cref="FormatException">Which line is wrong, and why.</exception>
    public static History Parse(string text)
    {
        var operations = new List<Operation>();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Split('#')[0].Trim();
            if (line.Length == 0)
            {
                continue;
            }

            try
            {
                operations.Add(Operation.Parse(line));
            }
            catch (FormatException wrong)
            {
                throw new FormatException($"line {number}: {wrong.Message}", wrong);
            }
        }

        return new History(operations);
    }

    /// <summary>The text; with a comment of lines in front.</summary>
    public string ToText(params IEnumerable<string> comment) =>
        string.Join('\n', comment.Select(line => $"# {line}").Concat(Operations.Select(operation => operation.ToString()))) + "\n";
}
