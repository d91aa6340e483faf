using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>A page table with an id. The devices attached to it use it.</summary>
internal sealed class HwptObject(IoasObject ioas, IommuUnit unit, bool isAuto) : IommufdObject
{
    private readonly SortedSet<ulong> _dirty = [];

    public IoasObject Ioas => ioas;

    public IommuUnit Unit => unit;

    /// <summary>True when ATTACH made it: it goes with its last device.</summary>
    public bool IsAuto => isAuto;

    /// <summary>True where the page table can say what devices wrote.</summary>
    public bool TracksDirty { get; init; }

    /// <summary>Who is told of page faults, or null.</summary>
    public FaultQueueObject? Faults { get; set; }

    /// <summary>True between SET_DIRTY_TRACKING on and off.</summary>
    public bool IsTracking { get; private set; }

    /// <summary>SET_DIRTY_TRACKING; to begin forgets what was dirty.</summary>
    public void Track(bool on)
    {
        IsTracking = on;
        if (on)
        {
            _dirty.Clear();
        }
    }

    /// <summary>A device wrote here.</summary>
    public void NoteWrite(Iova first, ulong length)
    {
        if (!IsTracking)
        {
            return;
        }

        var page = unit.PageSizes.Smallest;
        for (var at = first.Value & ~(page - 1); at <= first.Value + (length - 1); at += page)
        {
            _dirty.Add(at);
        }
    }

    /// <summary>IOVAs of the dirty pages of a range that are still mapped, ascending.</summary>
    /// <param name="range">Where.</param>
    /// <param name="clears">True to forget them.</param>
    public IReadOnlyList<ulong> Dirty(IovaRange range, bool clears)
    {
        var found = _dirty.GetViewBetween(range.Start.Value, range.Last.Value).Where(page => ioas.Model.AreaAt(new Iova(page)) is not null).ToList();
        if (clears)
        {
            _dirty.ExceptWith(found);
        }

        return found;
    }

    public override void Destroy()
    {
        ioas.Model.RemoveDomain(unit, this);
        ioas.PageTables.Remove(this);
        ioas.Users--;
        if (Faults is { } faults)
        {
            faults.Users--;
        }
    }
}
