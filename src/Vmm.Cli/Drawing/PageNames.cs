namespace Vmm.Cli.Drawing;

/// <summary>Page sizes in few letters: <c>4K 2M 1G</c>.</summary>
internal static class PageNames
{
    private const string Units = "BKMGTPE";

    // An IOMMU that knows every power of two is not told one by one.
    private const int MostNamed = 4;

    /// <summary>The sizes of a bitmap, ascending; empty for none.</summary>
    internal static string Of(ulong bitmap)
    {
        var sizes = Enumerable.Range(0, 64).Where(bit => (bitmap >> bit & 1) != 0).Select(Name).ToList();
        return sizes.Count <= MostNamed ? string.Join(' ', sizes) : $"{sizes[0]} to {sizes[^1]}";
    }

    private static string Name(int bit) => $"{1 << (bit % 10)}{Units[bit / 10]}";
}
