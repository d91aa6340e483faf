using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Type1;

internal sealed partial class Type1Model
{
    /// <summary>Takes a group in, or leaves everything as it was.</summary>
    public Errno Attach(EmulatedGroup group)
    {
        if (_invalidVaddrs > 0)
        {
            return Errno.EBUSY;
        }

        if (_emulated.Contains(group) || DomainOf(group) is not null)
        {
            return Errno.EINVAL;
        }

        if (group.IsEmulated)
        {
            _emulated.Add(group);
            return Errno.None;
        }

        // No device of the group is behind an IOMMU: there is nobody to allocate a domain.
        if (group.Unit is not { } unit)
        {
            return Errno.ENODEV;
        }

        if (unit.AllocateDomain() is { IsNone: false } unmade)
        {
            return unmade;
        }

        // KERNEL: before ownership was claimed it was the IOMMU's driver that refused a device with firmware's own mappings.
        if (!_linux.ClaimsDmaOwnership && group.NeedsDirectMapping)
        {
            return Errno.EPERM;
        }

        var valid = ValidIovas.Copy();
        if (_linux.KeepsIovaList)
        {
            if (ConflictsWithMappings(group, unit.Aperture))
            {
                return Errno.EINVAL;
            }

            valid.Restrict(unit.Aperture);
            CutReserved(valid, group);
            if (valid.IsEmpty)
            {
                return Errno.EINVAL;
            }
        }

        return !unit.HasIsolatedMsi && !options.AllowUnsafeInterrupts ? Errno.EPERM : Join(group, unit, valid);
    }

    /// <summary>Lets a group go. What only it needed goes with it.</summary>
    public void Detach(EmulatedGroup group)
    {
        if (_emulated.Remove(group))
        {
            if (_emulated.Count == 0 && _domains.Count == 0)
            {
                Clear();
            }

            return;
        }

        if (DomainOf(group) is not { } domain)
        {
            return;
        }

        domain.Groups.Remove(group);
        var valid = ValidIovas.Copy();
        if (domain.Groups.Count == 0)
        {
            Free(domain, valid);
        }

        Refresh(valid);
        _groupsThatNeverPinned--;
        if (IsLogging)
        {
            foreach (var (_, entry) in _entries)
            {
                DirtyBits.MarkAll(entry, SmallestPage);
            }
        }
    }

    /// <summary>The domain that a group's DMA goes through, or null.</summary>
    public Type1Domain? DomainOf(EmulatedGroup group) => _domains.Find(domain => domain.Groups.Contains(group));

    private static void CutReserved(IovaList valid, EmulatedGroup group)
    {
        foreach (var region in group.Reserved)
        {
            if (region.Kind != Iommu.Reserved.ReservedRegionKind.DirectRelaxable)
            {
                valid.Exclude(region.Range);
            }
        }
    }

    private bool ConflictsWithMappings(EmulatedGroup group, IovaRange aperture) =>
        CutsMappings(aperture)
        || group.Reserved.Any(region =>
            region.Kind != Iommu.Reserved.ReservedRegionKind.DirectRelaxable && _entries.Overlaps(region.Range));

    private bool CutsMappings(IovaRange aperture)
    {
        if (ValidIovas.IsEmpty)
        {
            return false;
        }

        var now = ValidIovas.Envelope;
        return !now.Overlaps(aperture)
            || (aperture.Start > now.Start && _entries.Overlaps(IovaRange.FromBounds(now.Start.Value, aperture.Start.Value - 1)))
            || (aperture.Last < now.Last && _entries.Overlaps(IovaRange.FromBounds(aperture.Last.Value + 1, now.Last.Value)));
    }

    private Errno Join(EmulatedGroup group, IommuUnit unit, IovaList valid)
    {
        if (_domains.Find(known => known.Unit.Accepts(unit)) is { } shared)
        {
            shared.Groups.Add(group);
        }
        else
        {
            var replayed = Replay(unit);
            if (!replayed.IsNone)
            {
                return replayed;
            }

            var domain = new Type1Domain(unit);
            domain.Groups.Add(group);
            _domains.Add(domain);
            UpdatePageSizes();
        }

        ValidIovas = valid;
        _groupsThatNeverPinned++;
        group.EnterDomain();
        return Errno.None;
    }

    /// <summary>Puts every mapping into a new page table, by ascending IOVA; the first bad one decides and all is taken back.</summary>
    private Errno Replay(IommuUnit unit)
    {
        var pinnedHere = new List<DmaEntry>();
        foreach (var (_, entry) in _entries)
        {
            var outcome = Errno.None;
            if (!entry.IsMapped)
            {
                outcome = Pin(entry);
                if (outcome.IsNone)
                {
                    pinnedHere.Add(entry);
                }
            }

            if (outcome.IsNone)
            {
                outcome = MapInto(unit, entry);
            }

            if (!outcome.IsNone)
            {
                foreach (var pinned in pinnedHere)
                {
                    locked.Uncharge(pinned.LetGo());
                }

                return outcome;
            }
        }

        return Errno.None;
    }

    private static Errno MapInto(IommuUnit unit, DmaEntry entry)
    {
        // KERNEL: a page size that the mapping does not have is not tested before; the page table refuses it.
        var mask = unit.PageSizes.Smallest - 1;
        return ((entry.Range.Start.Value | entry.Size | entry.Address) & mask) != 0 ? Errno.EINVAL
            : !unit.Aperture.Contains(entry.Range) ? Errno.ERANGE
            : Errno.None;
    }

    private void Free(Type1Domain domain, IovaList valid)
    {
        _domains.Remove(domain);
        if (_domains.Count == 0)
        {
            if (_emulated.Count == 0)
            {
                Clear();
            }
            else
            {
                UnpinAll();
            }
        }

        // The outermost ends come back only here: a domain went.
        var envelope = IovaRange.All;
        foreach (var rest in _domains)
        {
            envelope = envelope.TryIntersect(rest.Unit.Aperture, out var shared) ? shared : envelope;
        }

        valid.Widen(envelope);
        UpdatePageSizes();
    }

    private void UnpinAll()
    {
        foreach (var (_, entry) in _entries)
        {
            locked.Uncharge(entry.LetGo());
        }
    }

    private void Refresh(IovaList valid)
    {
        if (valid.IsEmpty)
        {
            return;
        }

        var fresh = IovaList.Of(valid.Envelope);
        foreach (var group in _domains.SelectMany(domain => domain.Groups))
        {
            CutReserved(fresh, group);
        }

        // KERNEL: a list that would be empty is not taken; the old one stays.
        if (!fresh.IsEmpty)
        {
            ValidIovas = fresh;
        }
    }

    private void UpdatePageSizes()
    {
        var bitmap = ulong.MaxValue;
        foreach (var domain in _domains)
        {
            bitmap &= domain.Unit.PageSizes.Bitmap;
        }

        PageSizeBitmap = (bitmap & (PageSize - 1)) != 0 ? (bitmap & AnyPageSize) | PageSize : bitmap;
    }
}
