using Vmm.Cli.Drawing;
using Vmm.Iommu.Addressing;

namespace Vmm.Cli.Maps;

/// <summary>Pictures as JSON, a document a step.</summary>
internal static class MapJson
{
    internal static object Of(string file, MapStep step) => new
    {
        Kind = "picture",
        File = file,
        step.Number,
        step.Asked,
        step.Happened,
        Good = step.IsGood,
        Spaces = step.Spaces.Select(Of),
    };

    private static object Of(SpaceFrame frame)
    {
        var rows = IovaRows.Of(frame);
        return new
        {
            frame.Now.Name,
            frame.Now.Generation,
            AsBefore = frame.IsAsBefore,
            Changes = SpaceChanges.Of(frame, rows),
            Containers = frame.Now.Containers.Select((container, at) => Of(container, rows, at)),
        };
    }

    private static object Of(SpacePicture.Container container, IReadOnlyList<IovaRow> rows, int at) => new
    {
        Name = container.Title,
        container.Members,
        container.Degraded,
        container.Remarks,
        PageSizes = PageNames.Of(container.Pages.Bitmap),
        container.EntriesLeft,
        EntriesOfView = container.Mapped.Count - container.Hot,
        EntriesOfGuestIommu = container.Hot,
        EntriesKeptForViews = container.KeptForViews,
        Windows = container.Windows?.Select(window => window.ToString()),
        Mapped = container.Mapped.Select(mapping => new
        {
            Start = mapping.Range.Start.ToString(),
            Last = mapping.Range.Last.ToString(),
            mapping.Name,
            Offset = $"0x{mapping.Offset:x}",
            Access = mapping.Access.HasFlag(DmaAccess.Write) ? "rw" : "ro",
            LargestPage = PageNames.Of(mapping.LargestPage),
            Dying = mapping.IsDying,
        }),
        Skipped = container.Skipped.Select(skip => new { Start = skip.Range.Start.ToString(), Last = skip.Range.Last.ToString(), skip.Name, skip.Reason }),
        Reserved = container.Reserved.Select(region => new
        {
            Start = region.Range.Start.ToString(),
            Last = region.Range.Last.ToString(),
            Kind = IovaNotes.NameOf(region.Kind),
            region.Owner,
            region.Source,
            Hole = region.IsHole,
        }),
        Differences = rows.Where(row => row.Cells[at].Difference != Difference.None).Select(row => new
        {
            Start = row.Range.Start.ToString(),
            Last = row.Range.Last.ToString(),
            row.Cells[at].Difference,
            row.Cells[at].Name,
        }),
    };
}
