namespace Vmm.Benchmarks.Soaking;

/// <summary>What an owner does about a call that failed: it tries again.</summary>
internal static class SoakPatience
{
    // One in a thousand fails: so many in a row are no chance.
    private const int MostTries = 1000;

    /// <summary>Tries until it is done, and counts the tries after the first.</summary>
    /// <exception cref="SoakViolationException">It is never done.</exception>
    public static void Until(string what, SoakTally tally, Func<bool> isDone)
    {
        for (var tries = 0; !isDone(); tries++)
        {
            if (tries == MostTries)
            {
                throw new SoakViolationException($"it is not so in {MostTries} tries that {what}");
            }

            tally.Count("repeated");
        }
    }
}
