using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>
/// What a container is to have of a view, kept from one view to the next so that a change is filtered, looked up and cut in
/// proportion to what changed. Not thread-safe: the holder of the container's turn touches it.
/// </summary>
/// <param name="filter">Which sections are mapped.</param>
/// <param name="pages">The container's page sizes.</param>
/// <param name="holes">Holes that the user asked for: RAM is cut around them.</param>
public sealed class ViewTarget(SectionFilter filter, PageSizes pages, IReadOnlyList<ReservedRegion> holes)
{
    private readonly IovaRangeMap<(string Name, string Reason)> _leftOut = new();
    private readonly IovaRangeMap<(DmaSection Section, string Reason)> _missing = new();
    private readonly SortedDictionary<Iova, (IovaRange Window, MemorySection Section)> _hot = [];
    private FixedCuts? _cuts;
    private long _pieces;
    private long _refineBelow;

    /// <summary>The container's page sizes.</summary>
    public PageSizes Pages { get; } = pages;

    /// <summary>Holes that the user asked for.</summary>
    public IReadOnlyList<ReservedRegion> Holes { get; } = holes;

    /// <summary>The view.</summary>
    public FlatView View { get; private set; } = FlatView.Empty;

    /// <summary>The sections that are to be mapped.</summary>
    public IovaRangeMap<DmaSection> Sections { get; } = new();

    /// <summary>The sections that a vIOMMU translates, ascending, each with where its mappings may come.</summary>
    public IReadOnlyList<(IovaRange Window, MemorySection Section)> HotSections => [.. _hot.Values];

    /// <summary>What of the view's memory is left out, each with why, ascending.</summary>
    public IEnumerable<(IovaRange Range, string Name, string Reason)> LeftOut => _leftOut
        .Select(entry => (Range: entry.Key, entry.Value.Name, entry.Value.Reason))
        .Concat(_missing.Select(entry => (Range: entry.Key, entry.Value.Section.Name, entry.Value.Reason)))
        .OrderBy(left => left.Range.Start);

    /// <summary>Sections that are to be mapped and were left out all the same, ascending, each with why: a later plan may try them again.</summary>
    public IEnumerable<(DmaSection Section, string Reason)> Missing => _missing.Select(entry => entry.Value);

    /// <summary>Goes on to another view.</summary>
    /// <returns>Sections that are to be mapped no more, and sections that are now; both ascending.</returns>
    public (IReadOnlyList<DmaSection> Removed, IReadOnlyList<DmaSection> Added) Advance(FlatView view)
    {
        var diff = FlatViewDiff.Between(View, view);
        View = view;
        return (Drop(diff.Removed), Take(diff.Added));
    }

    /// <summary>Notes that a section of the view is left out after all, such as a BAR that the kernel does not map.</summary>
    /// <param name="dma">The section.</param>
    /// <param name="reason">Why, in words.</param>
    public void LeaveOut(DmaSection dma, string reason)
    {
        ArgumentNullException.ThrowIfNull(dma);
        if (IsWanted(dma) && !_missing.TryAdd(dma.Range, (dma, reason)))
        {
            _missing.TryReplace(dma.Range.Start, (dma, reason));
        }
    }

    /// <summary>Notes that a section is not left out: it could be mapped after all.</summary>
    /// <param name="dma">The section.</param>
    public void TakeIn(DmaSection dma)
    {
        ArgumentNullException.ThrowIfNull(dma);
        if (IsWanted(dma))
        {
            _missing.Remove(dma.Range.Start);
        }
    }

    /// <summary>What a plan for the container keeps to now.</summary>
    /// <param name="mode">How it cuts and compares.</param>
    /// <param name="entries">Mappings that the container can hold in all.</param>
    /// <param name="windows">Where it can map.</param>
    public MappingRules RulesFor(MappingPlanMode mode, long entries, ValidIovaRanges windows)
    {
        // Counting every piece anew costs time in proportion to the view, so it waits for a reason.
        if (_cuts is null || (_cuts.CutsShadow && _pieces > entries / 4) || _pieces < _refineBelow)
        {
            _cuts = FixedCuts.For(Sections.Select(entry => entry.Value), Pages, entries);
            _pieces = Sections.Sum(entry => PiecesOf(entry.Value));
            _refineBelow = _cuts.IsFinest ? 0 : _pieces / 2;
        }

        return new MappingRules(mode, windows, _cuts);
    }

    private List<DmaSection> Drop(IReadOnlyList<MemorySection> sections)
    {
        var dropped = new List<DmaSection>();
        foreach (var section in sections)
        {
            if (!filter.TryFilter(section, out var whole))
            {
                _hot.Remove(section.Range.Start);
                _leftOut.Remove(section.Range.Start);
                continue;
            }

            var carved = CarvedSections.Of([whole], Holes, Pages);
            foreach (var dma in carved.Sections)
            {
                Sections.Remove(dma.Range.Start);
                _missing.Remove(dma.Range.Start);
                _pieces -= PiecesOf(dma);
                dropped.Add(dma);
            }

            foreach (var lost in carved.Lost)
            {
                _leftOut.Remove(lost.Range.Start);
            }
        }

        return dropped;
    }

    private List<DmaSection> Take(IReadOnlyList<MemorySection> sections)
    {
        var taken = new List<DmaSection>();
        foreach (var section in sections)
        {
            if (filter.Judge(section, out var whole) is var reason && whole is null)
            {
                if (filter.TryFilterHot(section, out var window))
                {
                    _hot[section.Range.Start] = (window, section);
                }
                else if (section.Block is not null)
                {
                    _leftOut.TryAdd(section.Range, (section.Name, SectionFilter.Explain(reason)));
                }

                continue;
            }

            var carved = CarvedSections.Of([whole], Holes, Pages);
            foreach (var dma in carved.Sections)
            {
                Sections.TryAdd(dma.Range, dma);
                _pieces += PiecesOf(dma);
                taken.Add(dma);
            }

            foreach (var lost in carved.Lost)
            {
                _leftOut.TryAdd(lost.Range, (lost.Name, "it lies in a hole that the user asked for"));
            }
        }

        return taken;
    }

    private bool IsWanted(DmaSection dma) => Sections.TryFind(dma.Range.Start, out _, out var wanted) && wanted == dma;

    private long PiecesOf(DmaSection section) => section.IsSkippable || _cuts is null ? 0 : _cuts.PiecesIn(section.Range);
}
