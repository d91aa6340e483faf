using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Drawing;

/// <summary>What a drawing of columns has no room for: who is in a container, whose a hole is, why something is left out.</summary>
internal static class IovaNotes
{
    internal static IEnumerable<Note> Of(SpacePicture picture)
    {
        foreach (var container in picture.Containers)
        {
            yield return new Note("  ", $"{container.Title}: {container.Members}", Ink.Plain);
            if (container.Windows is { } windows)
            {
                yield return new Note("    ", $"windows {string.Join(", ", windows)}", Ink.Faint);
            }

            if (container.Degraded is { } degraded)
            {
                yield return new Note("  ! ", $"{container.Title} is degraded: {degraded}", Ink.Bad);
            }
        }

        foreach (var note in Reserved(picture).Concat(Skipped(picture)).Concat(Dying(picture)))
        {
            yield return note;
        }
    }

    private static IEnumerable<Note> Reserved(SpacePicture picture) =>
        from region in picture.Containers.SelectMany(container => container.Reserved).Distinct()
        group region.Owner by (region.Kind, region.Range) into shared
        orderby shared.Key.Range
        select new Note(
            IsHole(shared.Key.Kind) ? "  ╳ " : "  * ",
            $"{shared.Key.Range} {IovaRows.NameOf(shared.Key.Kind)} of {string.Join(", ", shared.Distinct(StringComparer.Ordinal))}"
                + (IsHole(shared.Key.Kind) ? "" : ": never in the way"),
            Ink.Reserved);

    private static IEnumerable<Note> Skipped(SpacePicture picture) =>
        from container in picture.Containers
        from skip in container.Skipped
        orderby skip.Range
        select new Note("  ╌ ", $"{skip.Range} {skip.Name} is left out of {container.Title}: {skip.Reason}", Ink.Skipped);

    private static IEnumerable<Note> Dying(SpacePicture picture) =>
        from container in picture.Containers
        from mapping in container.Mapped
        where mapping.IsDying
        select new Note("  ! ", $"{mapping.Range} {mapping.Name} is dying in {container.Title}: its unmap failed", Ink.Bad);

    private static bool IsHole(ReservedRegionKind kind) => kind is not (ReservedRegionKind.Direct or ReservedRegionKind.DirectRelaxable);

    /// <summary>A note that hangs from its mark.</summary>
    internal sealed record Note(string Mark, string Text, Ink Ink)
    {
        internal IEnumerable<DrawnLine> Wrapped(int width)
        {
            var mark = Mark;
            foreach (var line in Wrapping.Lines(Text, width - Mark.Length))
            {
                yield return new DrawnLine((mark, Ink), (line, Ink == Ink.Faint ? Ink.Faint : Ink.Plain));
                mark = new string(' ', Mark.Length);
            }
        }
    }
}
