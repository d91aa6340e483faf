using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>A view as a scenario tells it: sections ascending, and the edits that make another of it. Immutable.</summary>
internal sealed class ScriptedView
{
    internal ScriptedView(IEnumerable<SectionScript> sections) => Sections = Joined(sections.OrderBy(section => section.Range));

    internal IReadOnlyList<SectionScript> Sections { get; }

    /// <exception cref="FormatException">The map cannot be read.</exception>
    internal static ScriptedView Of(MemoryScript memory)
    {
        if (memory.Map is not { } file)
        {
            return new ScriptedView(memory.Sections);
        }

        var view = MtreeParser.Parse(File.ReadAllText(file), file).Select(memory.MapSpace);
        return new ScriptedView(view.Sections.Select(section =>
            new SectionScript(section.Range, section.Kind, section.Region) { Offset = section.Offset, ReadOnly = section.ReadOnly }));
    }

    /// <exception cref="FormatException">An edit does not fit the view.</exception>
    internal ScriptedView With(IEnumerable<ViewEdit> edits) => edits.Aggregate(this, (view, edit) => view.With(edit));

    internal ScriptedView WithoutBarsOf(string device) =>
        new(Sections.Where(section => section.Bar is not { } bar || !bar.StartsWith($"{device}/", StringComparison.Ordinal)));

    internal SectionScript? At(ulong address) => Sections.FirstOrDefault(section => section.Range.Contains(new Iova(address)));

    private ScriptedView With(ViewEdit edit) => edit switch
    {
        ViewEdit.Set set => Of(set.Memory),
        ViewEdit.Add add => new ScriptedView(Sections.Concat(add.Sections.Select(MustFit))),
        ViewEdit.Remove remove => new ScriptedView(Without(remove.Range)),
        ViewEdit.Shadow shadow => new ScriptedView(Without(shadow.Range).Append(ShadowOf(shadow))),
        _ => throw new ArgumentOutOfRangeException(nameof(edit), edit, "no such edit"),
    };

    private SectionScript MustFit(SectionScript section) =>
        Sections.FirstOrDefault(there => there.Range.Overlaps(section.Range)) is { } other
            ? throw new FormatException($"{section.Name} at {section.Range} overlaps {other.Name} at {other.Range}; remove what is there first")
            : section;

    private SectionScript ShadowOf(ViewEdit.Shadow shadow)
    {
        var name = shadow.Name ?? (At(0) is { Kind: SectionKind.Ram } ram ? ram.Name : throw new FormatException("no RAM lies at address 0; name the RAM that is shown"));
        return new SectionScript(shadow.Range, SectionKind.Ram, name) { Offset = shadow.Offset ?? shadow.Range.Start.Value, ReadOnly = shadow.ReadOnly };
    }

    private IEnumerable<SectionScript> Without(IovaRange hole)
    {
        foreach (var section in Sections)
        {
            if (!section.Range.Overlaps(hole))
            {
                yield return section;
                continue;
            }

            if (section.Range.Start < hole.Start)
            {
                yield return section with { Range = IovaRange.FromBounds(section.Range.Start.Value, hole.Start.Value - 1) };
            }

            if (section.Range.Last > hole.Last)
            {
                var start = hole.Last.Value + 1;
                yield return section with
                {
                    Range = IovaRange.FromBounds(start, section.Range.Last.Value),
                    Offset = section.Offset + (start - section.Range.Start.Value),
                };
            }
        }
    }

    // QEMU: a view is rendered with neighbours that show one piece of memory as one section.
    private static List<SectionScript> Joined(IEnumerable<SectionScript> ascending)
    {
        var joined = new List<SectionScript>();
        foreach (var section in ascending)
        {
            if (joined.Count > 0 && section.Continues(joined[^1]))
            {
                joined[^1] = joined[^1] with { Range = new IovaRange(joined[^1].Range.Start, section.Range.Last) };
            }
            else
            {
                joined.Add(section);
            }
        }

        return joined;
    }
}
