using FsCheck;
using FsCheck.Fluent;

namespace Vmm.Iommu.Tests.Properties;

/// <summary>Runs a property on generated cases: the same cases on every run, so that a failure repeats.</summary>
internal static class Generated
{
    public static void Holds<T>(Gen<T> cases, Func<T, bool> property, int count = 300)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(20_260_101, 777, count);
        Prop.ForAll(cases.ToArbitrary(), property).Check(config);
    }

    /// <summary>For lists: a failing one is cut down to a short one.</summary>
    public static void HoldsForAll<T>(Gen<T[]> cases, Func<T[], bool> property, int count = 300)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(20_260_101, 777, count);
        Prop.ForAll(Arb.From(cases, Shorter), property).Check(config);
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
