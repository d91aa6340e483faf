using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Drawing;

/// <summary>What a drawing has no room for in its columns: whose a hole is, why something is left out, what many small mappings are.</summary>
internal static class IovaNotes
{
    /// <summary>The name of a kind of reserved region.</summary>
    internal static string NameOf(ReservedRegionKind kind) => kind switch
    {
        ReservedRegionKind.DirectRelaxable => "direct-relaxable",
        ReservedRegionKind.User => "asked for",
        _ => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>Notes on a container as a whole.</summary>
    internal static IEnumerable<Note> Of(SpacePicture.Container container)
    {
        if (container.Mapped.Count > 0)
        {
            var pages = PageNames.Of(container.Pages.Bitmap);
            yield return new Note(
                Look.Free,
                null,
                EntriesOf(container)
                    + (pages.Length == 0 ? "; page sizes unknown" : $"; pages {pages}"));
        }

        if (container.Windows is { } windows)
        {
            yield return new Note(Look.Free, null, $"windows {string.Join(", ", windows)}");
        }

        foreach (var remark in container.Remarks)
        {
            yield return new Note(Look.Skipped, null, remark);
        }

        if (container.Degraded is { } degraded)
        {
            yield return new Note(Look.Dying, null, $"{container.Title} is degraded: {degraded}");
        }
    }

    /// <summary>Who uses how many entries, where somebody besides the view does.</summary>
    private static string EntriesOf(SpacePicture.Container container)
    {
        var entries = $"{container.Mapped.Count:N0} {(container.Mapped.Count == 1 ? "entry" : "entries")}";
        var users = container.Hot == 0 ? "" : $" ({container.Mapped.Count - container.Hot:N0} of the view, {container.Hot:N0} of the vIOMMU)";
        var kept = container.Hot == 0 ? "" : $", {container.KeptForViews:N0} of them for the view alone";
        return $"{entries}{users}{(container.EntriesLeft is { } left ? $", {left:N0} left{kept}" : "")}";
    }

    /// <summary>Notes on a row.</summary>
    /// <param name="picture">The space.</param>
    /// <param name="row">The row.</param>
    internal static IEnumerable<Note> Of(SpacePicture picture, IovaRow row) =>
        Runs(picture, row).Concat(Reserved(picture, row)).Concat(Skipped(picture, row)).Concat(Dying(picture, row));

    private static IEnumerable<Note> Runs(SpacePicture picture, IovaRow row)
    {
        if (row.Parts.Count == 0)
        {
            return [];
        }

        return from container in picture.Containers
               let words = RunWords.Of(container, row.Range)
               where words is not null
               group container.Title by words into same
               select new Note(Look.Mixed, row.Range, picture.Containers.Count == 1 ? same.Key : $"{string.Join(", ", same)}: {same.Key}");
    }

    private static IEnumerable<Note> Reserved(SpacePicture picture, IovaRow row) =>
        from region in picture.Containers.SelectMany(container => container.Reserved).Distinct()
        where region.Range.Overlaps(row.Range)
        group region.Owner by (region.Kind, region.Range) into shared
        orderby shared.Key.Range
        select new Note(
            IsHole(shared.Key.Kind) ? Look.Reserved : Look.Free,
            shared.Key.Range,
            $"{NameOf(shared.Key.Kind)} of {string.Join(", ", shared.Distinct(StringComparer.Ordinal))}"
                + (IsHole(shared.Key.Kind) ? "" : ": never in the way"));

    private static IEnumerable<Note> Skipped(SpacePicture picture, IovaRow row) =>
        from container in picture.Containers
        from skip in container.Skipped
        where skip.Range.Overlaps(row.Range)
        group skip by (container.Title, skip.Reason) into same
        let first = same.First()
        select same.Skip(1).Any()
            ? new Note(Look.Skipped, row.Range, $"{same.Count():N0} sections, {first.Name} at {first.Range} the first, are left out of {same.Key.Title}: {same.Key.Reason}")
            : new Note(Look.Skipped, first.Range, $"{first.Name} is left out of {same.Key.Title}: {same.Key.Reason}");

    private static IEnumerable<Note> Dying(SpacePicture picture, IovaRow row)
    {
        for (var at = 0; at < picture.Containers.Count; at++)
        {
            var container = at;
            var dying = row.Pieces.Where(piece => piece.Cells[container].Look == Look.Dying).ToList();
            if (dying.Count > 0)
            {
                yield return new Note(
                    Look.Dying,
                    row.Range,
                    dying.Count == 1
                        ? $"{dying[0].Name} is dying in {picture.Containers[at].Title}: its unmap failed"
                        : $"{dying.Count:N0} ranges are dying in {picture.Containers[at].Title}: their unmap failed");
            }
        }
    }

    private static bool IsHole(ReservedRegionKind kind) => kind is not (ReservedRegionKind.Direct or ReservedRegionKind.DirectRelaxable);

    /// <summary>A line for people.</summary>
    /// <param name="About">What it explains; <see cref="Look.Free"/> for anything else.</param>
    /// <param name="Range">Where that is; null for a container as a whole.</param>
    /// <param name="Text">The line.</param>
    internal sealed record Note(Look About, IovaRange? Range, string Text);
}
