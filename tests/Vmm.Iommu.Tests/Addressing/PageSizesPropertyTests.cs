using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Addressing;

public class PageSizesPropertyTests
{
    private static readonly Gen<PageSizes> Sizes = Gen.Elements(0x1000ul, 0x5000ul, 0x11000ul, 0x15000ul, 0x14000ul, 0x10000ul).Select(bitmap => new PageSizes(bitmap));

    private static readonly Gen<(PageSizes Pages, IovaRange Range, ulong Host)> Cases =
        from pages in Sizes
        from range in Gen.OneOf(Ranges.Pages(40, 60), Ranges.Near(80, 90, 0x800))
        from host in Ranges.Address(40, 0x1000)
        from odd in Gen.Frequency((5, Gen.Constant(0ul)), (1, Gen.Constant(0x800ul)))
        select (pages, range, unchecked(host + odd));

    [Fact]
    public void A_range_is_aligned_when_both_its_ends_are_multiples_of_the_smallest_page() => Generated.Holds(
        Cases,
        input => input.Pages.IsAligned(input.Range)
            == ((UInt128)input.Range.Start.Value % input.Pages.Smallest == 0 && ((UInt128)input.Range.Last.Value + 1) % input.Pages.Smallest == 0),
        count: 1_000);

    [Fact]
    [Trait("Requirement", "R1.4")]
    public void Entries_are_as_many_as_a_walk_from_the_start_with_the_largest_page_that_fits_takes() => Generated.Holds(
        Cases, input => input.Pages.EntriesFor(input.Range, input.Host) == (UInt128)Walk(input.Pages, input.Range, input.Host).Count, count: 2_000);

    [Fact]
    [Trait("Requirement", "R1.4")]
    public void The_largest_page_is_the_largest_of_that_walk() => Generated.Holds(
        Cases,
        input => input.Pages.LargestUsable(input.Range, input.Host) == Walk(input.Pages, input.Range, input.Host).DefaultIfEmpty().Max(),
        count: 2_000);

    /// <summary>The pages of a range, one after another: how an IOMMU's driver fills its tables.</summary>
    private static List<ulong> Walk(PageSizes pages, IovaRange range, ulong host)
    {
        var (at, end) = ((UInt128)range.Start.Value, (UInt128)range.Last.Value + 1);
        at = (at + pages.Smallest - 1) / pages.Smallest * pages.Smallest;
        var distance = unchecked(host - range.Start.Value);
        var taken = new List<ulong>();
        while (at < end)
        {
            var fits = Enumerable.Range(0, 64).Select(bit => 1UL << bit)
                .Where(page => (pages.Bitmap & page) != 0 && at % page == 0 && distance % page == 0 && at + page <= end)
                .DefaultIfEmpty()
                .Max();
            if (fits == 0)
            {
                break;
            }

            taken.Add(fits);
            at += fits;
        }

        return taken;
    }
}
