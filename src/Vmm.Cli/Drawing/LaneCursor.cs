using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Drawing;

/// <summary>Walks through one container from 0 to 2^64-1 and says how each piece looks. A piece is cut wherever anything begins or ends.</summary>
internal sealed class LaneCursor
{
    private readonly SpacePicture.Container _now;
    private readonly SpacePicture.Container? _before;
    private readonly RangeCursor<SpacePicture.Mapping> _mapped;
    private readonly RangeCursor<SpacePicture.Mapping> _mappedBefore;
    private readonly RangeCursor<SpacePicture.Skip> _skipped;
    private readonly ValidIovaRanges _remapped;

    internal LaneCursor(SpacePicture.Container now, SpaceFrame frame)
    {
        _now = now;
        _before = frame.BeforeOf(now);
        _mapped = new(now.Mapped, mapping => mapping.Range);
        _mappedBefore = new(_before?.Mapped ?? [], mapping => mapping.Range);
        _skipped = new(now.Skipped, skip => skip.Range);
        _remapped = new ValidIovaRanges(frame.Remapped);
    }

    /// <summary>Every place at which the look may change.</summary>
    internal IEnumerable<IovaRange> Cuts =>
        Of(_now).Concat(_before is null ? [] : Of(_before)).Concat(_remapped);

    /// <summary>How a piece looks, which is not below the one asked for before.</summary>
    internal IovaCell At(IovaRange piece)
    {
        var before = _mappedBefore.At(piece.Start);
        var isWindow = _now.Windows?.Contains(piece) ?? true;
        var cell = new IovaCell(Look.Free, "")
        {
            IsWindow = isWindow,
            IsRelaxable = _now.Reserved.Any(region => !region.IsHole && region.Range.Contains(piece)),
        };
        if (_mapped.At(piece.Start) is { } mapped)
        {
            return cell with
            {
                Look = LookOf(mapped),
                Name = mapped.Name,
                Pages = mapped.LargestPage,
                Entries = mapped.Range.Start == piece.Start ? 1 : 0,
                Difference = DifferenceOf(before, mapped, piece),
            };
        }

        cell = Unmapped(cell, piece);
        return before is not null ? cell with { Difference = Difference.Removed, Name = cell.Name.Length > 0 ? cell.Name : before.Name }
            : _before is not null && isWindow != (_before.Windows?.Contains(piece) ?? true) ? cell with { Difference = Difference.Window }
            : cell;
    }

    private IovaCell Unmapped(IovaCell cell, IovaRange piece)
    {
        if (_skipped.At(piece.Start) is { } skipped)
        {
            return cell with { Look = Look.Skipped, Name = skipped.Name };
        }

        return _now.Reserved.FirstOrDefault(region => region.IsHole && region.Range.Contains(piece)) is { } hole
            ? cell with { Look = Look.Reserved, Name = IovaNotes.NameOf(hole.Kind) }
            : cell with { Look = cell.IsWindow ? Look.Free : Look.Outside };
    }

    private Difference DifferenceOf(SpacePicture.Mapping? before, SpacePicture.Mapping now, IovaRange piece) =>
        _before is null ? Difference.None
        : before is null ? Difference.Added
        : !before.Agrees(now) ? Difference.Changed
        : _remapped.Contains(piece) ? Difference.Churned
        : Difference.None;

    private static Look LookOf(SpacePicture.Mapping mapping) =>
        mapping.IsDying ? Look.Dying : mapping.Access.HasFlag(DmaAccess.Write) ? Look.Writable : Look.ReadOnly;

    private static IEnumerable<IovaRange> Of(SpacePicture.Container container) =>
        container.Mapped.Select(mapping => mapping.Range)
            .Concat(container.Skipped.Select(skip => skip.Range))
            .Concat(container.Reserved.Select(region => region.Range))
            .Concat(container.Windows ?? Enumerable.Empty<IovaRange>());
}
