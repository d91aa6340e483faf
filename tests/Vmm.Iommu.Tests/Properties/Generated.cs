using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Vmm.Iommu.Tests.Properties;

/// <summary>
/// Runs a property on generated cases: the same cases on every run, so that a failure repeats. The environment variable
/// <c>VMM_SEED</c> gives other cases, and a failure says which seed it had.
/// </summary>
internal static class Generated
{
    private const string Variable = "VMM_SEED";
    private const ulong Usual = 20_260_101;

    private static readonly ulong Seed = Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => Usual,
        var text when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) => seed,
        var text => throw new ArgumentException($"{Variable}: '{text}' is no seed; write a whole number, such as {Usual}"),
    };

    public static void Holds<T>(Gen<T> cases, Func<T, bool> property, int count = 300) =>
        Check(Prop.ForAll(cases.ToArbitrary(), property), count);

    /// <summary>For properties that say themselves what does not hold: null where all does.</summary>
    public static void Explains<T>(Gen<T> cases, Func<T, string?> whatIsWrong, int count = 300) =>
        Check(Prop.ForAll(cases.ToArbitrary(), input => whatIsWrong(input) is { } wrong ? false.Label(wrong) : true.ToProperty()), count);

    /// <summary>For lists: a failing one is cut down to a short one.</summary>
    public static void HoldsForAll<T>(Gen<T[]> cases, Func<T[], bool> property, int count = 300) =>
        Check(Prop.ForAll(Arb.From(cases, Shorter), property), count);

    /// <summary>Some cases, to look at.</summary>
    public static IReadOnlyList<T> Sample<T>(Gen<T> cases, int count) => cases.ArrayOf(count).Sample(1, new Rnd(Seed), 1).First();

    private static void Check(Property property, int count)
    {
        try
        {
            // A replay that names a size too is that of one case: the others would never run.
            property.Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(Seed, 777));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{failure.Message}{Environment.NewLine}Again with {Variable}={Seed}.", failure);
        }
    }

    private static IEnumerable<T[]> Shorter<T>(T[] items)
    {
        for (var piece = items.Length; piece > 0; piece /= 2)
        {
            for (var at = 0; at + piece <= items.Length; at += piece)
            {
                yield return [.. items[..at], .. items[(at + piece)..]];
            }
        }
    }
}
