using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>One IOAS.</summary>
/// <param name="hugePages">True for a kernel with transparent huge pages: it keeps more of an address' alignment.</param>
internal sealed partial class IoasModel(bool hugePages)
{
    private readonly List<IommuUnit> _domains = [];
    private int _users;
    private bool _isSplittable;

    /// <summary>Page tables that hold its mappings.</summary>
    public IReadOnlyList<IommuUnit> Domains => _domains;

    /// <summary>The option HUGE_PAGES: false where mappings can be cut.</summary>
    public bool HasHugePages => !_isSplittable;

    /// <summary>Puts every mapping into a new page table; EINVAL, EADDRINUSE, EFAULT or ENOMEM, and all is as before.</summary>
    /// <param name="unit">Whose page table.</param>
    /// <param name="owner">Who reserves what lies outside its aperture.</param>
    public Errno AddDomain(IommuUnit unit, object owner)
    {
        var alignment = Math.Max(unit.PageSizes.Smallest, Alignment);
        if (alignment > PageSize)
        {
            return Errno.EINVAL;
        }

        var refused = alignment == Alignment || Conforms(alignment) ? ReserveOutside(unit.Aperture, owner) : Errno.EADDRINUSE;
        if (refused.IsNone && _domains.Count == 0)
        {
            refused = HoldAll(Areas);
        }

        if (!refused.IsNone)
        {
            Unreserve(owner);
            return refused;
        }

        Alignment = alignment;
        _domains.Add(unit);
        return Errno.None;
    }

    /// <summary>Takes a page table out; with the last one, nothing is pinned any more.</summary>
    public void RemoveDomain(IommuUnit unit, object owner)
    {
        _domains.Remove(unit);
        if (_domains.Count == 0)
        {
            foreach (var area in Areas)
            {
                LetGo(area);
            }
        }

        Unreserve(owner);
        Realign();
    }

    /// <summary>A driver of a mediated device begins to use the mappings, whole pages at a time.</summary>
    public Errno AddUser()
    {
        _users++;
        var refused = Realign();
        _users -= refused.IsNone ? 0 : 1;
        return refused;
    }

    /// <summary>Undoes <see cref="AddUser"/>.</summary>
    public void RemoveUser()
    {
        _users--;
        Realign();
    }

    /// <summary>OPTION with HUGE_PAGES and SET.</summary>
    public Errno SetHugePages(bool on)
    {
        if (on)
        {
            _isSplittable = false;
            Realign();
            return Errno.None;
        }

        if (_isSplittable)
        {
            return Errno.None;
        }

        if (_domains.Count > 0 && _areas.Count > 0)
        {
            return Errno.EINVAL;
        }

        _isSplittable = true;
        var refused = Realign();
        _isSplittable = refused.IsNone;
        return refused;
    }

    /// <summary>Cuts the mapping that holds an IOVA, so that one ends there; nothing where there is none.</summary>
    public Errno CutAfter(ulong iova)
    {
        // KERNEL: a cut after the very first byte of a mapping is not made.
        if (AreaAt(new Iova(iova)) is not { } area || iova == area.Range.Start.Value || iova == area.Range.Last.Value)
        {
            return Errno.None;
        }

        var next = iova + 1;
        if (((next | area.ByteAt(new Iova(next))) & (Alignment - 1)) != 0 || (area.IsHeld && !_isSplittable))
        {
            return Errno.EINVAL;
        }

        // What is held is whole pages on both sides, so the holds of the two are the hold of the one.
        _areas.Remove(area.Range.Start);
        Put(area, IovaRange.FromBounds(area.Range.Start.Value, iova));
        Put(area, IovaRange.FromBounds(next, area.Range.Last.Value));
        area.Pages.Forget();
        return Errno.None;

        void Put(IoasArea whole, IovaRange range)
        {
            whole.Pages.Refer();
            _areas.TryAdd(range, new IoasArea(range, whole.Pages, whole.ByteAt(range.Start), whole.Access) { IsHeld = whole.IsHeld });
        }
    }

    private Errno ReserveOutside(IovaRange aperture, object owner)
    {
        var below = aperture.Start.Value == 0 ? Errno.None : Reserve(IovaRange.FromBounds(0, aperture.Start.Value - 1), owner);
        return !below.IsNone || aperture.Last.Value == ulong.MaxValue
            ? below
            : Reserve(IovaRange.FromBounds(aperture.Last.Value + 1, ulong.MaxValue), owner);
    }

    private Errno Realign()
    {
        var alignment = _isSplittable || _users > 0 ? PageSize : 1;
        foreach (var domain in _domains)
        {
            alignment = Math.Max(alignment, domain.PageSizes.Smallest);
        }

        if (alignment > Alignment && !Conforms(alignment))
        {
            return Errno.EADDRINUSE;
        }

        Alignment = alignment;
        return Errno.None;
    }

    private bool Conforms(ulong alignment) =>
        Areas.All(area => ((area.Range.Start.Value | area.Length | area.PageOffset) & (alignment - 1)) == 0);
}
