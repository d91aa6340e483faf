namespace Vmm.Litmus.Running;

/// <summary>What the command line says.</summary>
internal sealed record LitmusOptions
{
    public const string Help = """
        Races the ring's real code, first with one access broken after the other, then as it is.

          Vmm.Litmus                            60 seconds: every twin, then every story
          Vmm.Litmus --seconds 600 --seed 7     longer, with other pauses
          Vmm.Litmus --only place-claimed-by-two
                                                one twin, or one story
          Vmm.Litmus --list                     all twins and stories, and what has no twin

        Options
          --seconds N   the whole run, about; 1 to 86400, 60 by default
          --seed N      where pauses come from; the order of threads stays the machine's
          --only NAME   a twin or a story
          --list        lists them and ends
          --help        this text

        Exit codes: 0 every twin was caught and the code passed, 1 a violation or a twin that was not caught, 2 the run says nothing.
        A pass holds for the architecture that is printed: a strong one forgives what a weak one does not.
        """;

    public int Seconds { get; init; } = 60;

    public ulong Seed { get; init; } = 1;

    public string? Only { get; init; }

    public bool Lists { get; init; }

    public bool Helps { get; init; }

    /// <summary>In a child: the story that it plays.</summary>
    public string? Story { get; init; }

    /// <summary>In a child: the twin that it plays it on; null for the code as it is.</summary>
    public string? Twin { get; init; }

    /// <exception cref="ArgumentException">The line says something else.</exception>
    public static LitmusOptions Parse(IReadOnlyList<string> line)
    {
        var options = new LitmusOptions();
        for (var at = 0; at < line.Count; at++)
        {
            options = line[at] switch
            {
                "--help" or "-h" => options with { Helps = true },
                "--list" => options with { Lists = true },
                "--seconds" => options with { Seconds = (int)Number(line, ++at, 1, 86400) },
                "--seed" => options with { Seed = Number(line, ++at, 0, ulong.MaxValue) },
                "--only" => options with { Only = Word(line, ++at) },
                "--story" => options with { Story = Word(line, ++at) },
                "--twin" => options with { Twin = Word(line, ++at) },
                var other => throw new ArgumentException($"'{other}' is no option; --help shows them"),
            };
        }

        return options;
    }

    private static string Word(IReadOnlyList<string> line, int at) =>
        at < line.Count ? line[at] : throw new ArgumentException($"{line[at - 1]}: nothing follows it; --help shows what may");

    private static ulong Number(IReadOnlyList<string> line, int at, ulong least, ulong most) =>
        ulong.TryParse(Word(line, at), out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{line[at - 1]}: '{line[at]}' is not a whole number from {least} to {most}");
}
