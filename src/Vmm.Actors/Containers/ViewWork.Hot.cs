using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;

namespace Vmm.Actors.Containers;

/// <content>
/// The part of a view that a vIOMMU translates. Before anything is mapped for the view no hot map can come into what the view
/// takes back; when all is mapped, hot maps may come into what it has given.
/// </content>
internal sealed partial class ViewWork
{
    private ValidIovaRanges? _opens;

    private bool OpensHotWindows => _opens is not null && !(_allOrNothing && Refusal is not null);

    private static List<IovaRange> Left(
        IReadOnlyList<(IovaRange Window, MemorySection Section)> former, IReadOnlyList<(IovaRange Window, MemorySection Section)> now) =>
        [.. former.Where(hot => !now.Contains(hot)).Select(hot => hot.Window)];

    /// <summary>Closes what is no vIOMMU's any more; what is new is opened later.</summary>
    private void CloseHotWindows(ContainerTurn turn)
    {
        var windows = new ValidIovaRanges(_target.HotSections.Select(hot => hot.Window));
        Close(turn, turn.HotWindows.Intersect(windows));
        _opens = turn.HotWindows.Equals(windows) ? null : windows;
    }

    /// <summary>Does the view's removals. QEMU: sections leave ascending, whoever maps in them, and one that is replaced leaves too.</summary>
    private void Remove(ContainerTurn turn, IEnumerable<IovaRange> hot, IReadOnlyList<IovaRange> removals)
    {
        var left = new Queue<IovaRange>(hot);
        foreach (var range in removals)
        {
            while (left.TryPeek(out var first) && first.Start < range.Start)
            {
                Close(turn, turn.HotWindows.Without(left.Dequeue()));
            }

            Remove(turn, range);
        }

        foreach (var window in left)
        {
            Close(turn, turn.HotWindows.Without(window));
        }

        CloseHotWindows(turn);
    }

    private void OpenHotWindows(ContainerTurn turn)
    {
        if (OpensHotWindows)
        {
            turn.SetHotWindows(_opens!);
        }

        _opens = null;
    }

    private void Close(ContainerTurn turn, ValidIovaRanges windows)
    {
        if (turn.HotWindows.Equals(windows))
        {
            return;
        }

        var before = turn.HotWindows;
        var report = turn.SetHotWindows(windows);
        _unmapped += report.Unmapped;
        if (report.Failed > 0)
        {
            _stuck.Add($"{before.Intersect(windows.Complement())}, where the vIOMMU mapped: {report.Failed} could not be unmapped ({report.FirstFailure}): they stay Dying and devices may still reach them.");
        }
    }

    private void Remove(ContainerTurn turn, IovaRange range)
    {
        var removed = turn.Unmap(range);
        if (removed.IsOk)
        {
            _unmapped++;
        }
        else
        {
            _stuck.Add($"{range} could not be unmapped ({removed}): it stays Dying and devices may still reach it.");
        }
    }
}
