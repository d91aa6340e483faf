namespace Vmm.Benchmarks.Soaking;

/// <summary>The verb: type1 and then iommufd, each for some minutes, a line a minute.</summary>
internal static class Soak
{
    private const int ChecksAMinute = 12;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Runs it.</summary>
    /// <param name="output">Where lines go.</param>
    /// <param name="minutes">Minutes a backend.</param>
    /// <param name="seed">Where chance comes from.</param>
    /// <param name="backends">Which, in order.</param>
    /// <returns>0 when all held, 1 when something did not.</returns>
    public static int Run(TextWriter output, int minutes, int seed, IEnumerable<SoakBackend> backends)
    {
        foreach (var backend in backends)
        {
            output.WriteLine($"\nsoak of {backend}, {minutes} minutes, seed {seed}");
            if (!Holds(output, backend, minutes, seed))
            {
                return 1;
            }
        }

        return 0;
    }

    private static bool Holds(TextWriter output, SoakBackend backend, int minutes, int seed)
    {
        var minute = 0;
        try
        {
            var run = new SoakRun(backend, seed);
            var readings = new List<SoakReading>();
            var answers = 0L;
            run.Start();
            for (minute = 1; minute <= minutes; minute++)
            {
                for (var check = 0; check < ChecksAMinute; check++)
                {
                    run.Play(Minute / ChecksAMinute);
                    run.Check();
                }

                var before = answers;
                answers = run.Tally.Answers;
                readings.Add(run.Read());
                var (failedBefore, failedAfter, all) = run.Calls;
                output.WriteLine(
                    $"minute {minute,3}: {(answers - before) / Minute.TotalSeconds:N0} answers/s; {all:N0} ioctls so far, failed {failedBefore:N0} before and "
                    + $"{failedAfter:N0} after their effect; kernel, tables and leases equal; {readings[^1]}");
                output.Flush();
            }

            Report(output, run.Tally);
            run.Close();
            run.Dispose();
            return IsFlat(output, readings);
        }
        catch (SoakViolationException violation)
        {
            // What hangs cannot be closed: the process ends with it.
            output.WriteLine($"VIOLATED: {backend}, seed {seed}, minute {minute}: {violation.Message}");
            return false;
        }
    }

    private static void Report(TextWriter output, SoakTally tally)
    {
        foreach (var line in tally.Lines())
        {
            output.WriteLine($"  {line}");
        }
    }

    private static bool IsFlat(TextWriter output, List<SoakReading> readings)
    {
        var growth = SoakReading.Growth(readings);
        output.WriteLine(growth is not null ? $"VIOLATED: {growth}"
            : readings.Count < 2 ? "held; of one minute alone nothing is said about growth"
            : $"held; nothing is left open, and nothing grew by more than the margin ({SoakReading.Margin})");
        return growth is null;
    }
}
