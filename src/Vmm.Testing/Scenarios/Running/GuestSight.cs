using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Testing.Scenarios.Machines;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>
/// Guest memory by the addresses that a device of a space uses: those of its view, and where a vIOMMU translates, what that leads to
/// in system memory. Disposing takes back the page that a device was lent.
/// </summary>
internal sealed class GuestSight(ScenarioWorld world, ScenarioSpace space) : IGuestSight, IDisposable
{
    private const ulong Page = 0x1000;

    // Pages of a window that are tried before it is said that none is free.
    private const int MostTried = 64;

    private ulong? _lent;

    public bool HasMemory(ulong address, int count) =>
        TryFind(address, out var view, out var place, out var left)
        && left >= (UInt128)count
        && view.At(place) is { Kind: SectionKind.Ram, Backing: SectionBacking.Memory, Bar: null } section
        && section.Range.Last.Value - place >= (ulong)count - 1;

    public ulong? PageAwayFrom(ulong address) => PageOf(space.View, address) ?? Lend(address);

    public byte[] Read(ulong address, int count)
    {
        var (view, place) = Find(address);
        return world.GuestRead(view, place, count);
    }

    public void Write(ulong address, ReadOnlySpan<byte> bytes)
    {
        var (view, place) = Find(address);
        world.GuestWrite(view, place, bytes);
    }

    public void Dispose()
    {
        if (_lent is { } page)
        {
            _lent = null;
            space.Guest!.Unmap(page, page + Page - 1);
        }
    }

    private (ScriptedView View, ulong Place) Find(ulong address) =>
        TryFind(address, out var view, out var place, out _) ? (view, place) : throw new FormatException($"the vIOMMU leads 0x{address:x} nowhere; map it first");

    private bool TryFind(ulong address, out ScriptedView view, out ulong place, out UInt128 left)
    {
        (view, place, left) = (space.View, address, UInt128.MaxValue);
        if (space.Guest is not { } guest || view.At(address) is not { Kind: SectionKind.Iommu })
        {
            return true;
        }

        view = world.SystemMemory;
        return guest.TryTranslate(new Iova(address), out place, out left);
    }

    private static ulong? PageOf(ScriptedView view, ulong address)
    {
        foreach (var section in view.Sections.Where(IsWritable))
        {
            // Two pages on, and two modulo the fold: neither the page before nor the one after can be the same bytes.
            for (var page = (section.Range.Start.Value + Page - 1) & ~(Page - 1); section.Range.Last.Value - page >= Page - 1; page += Page)
            {
                var apart = ((page - address) % LinuxMachine.Fold) / Page;
                if (apart > 1 && apart < (LinuxMachine.Fold / Page) - 2)
                {
                    return page;
                }

                if (page > ulong.MaxValue - (2 * Page))
                {
                    break;
                }
            }
        }

        return null;
    }

    /// <summary>A page of system memory that the vIOMMU maps until this is disposed, as a guest's driver does for what it hands to a device.</summary>
    private ulong? Lend(ulong address)
    {
        if (space.Guest is not { } guest)
        {
            return null;
        }

        var there = guest.TryTranslate(new Iova(address), out var target, out _) ? target : address;
        return PageOf(world.SystemMemory, there) is not { } memory ? null
            : _lent = PagesApart(address).Where(page => !guest.TryTranslate(new Iova(page), out _, out _)).Take(MostTried).Cast<ulong?>().FirstOrDefault(page => TryLend(page!.Value, memory));

        bool TryLend(ulong page, ulong memory)
        {
            var isMapped = guest.Map(page, Page, memory).IsOk;
            if (!isMapped)
            {
                guest.Unmap(page, page + Page - 1);
            }

            return isMapped;
        }
    }

    /// <summary>Pages that the vIOMMU translates, none of them beside the one that a device is to access.</summary>
    private IEnumerable<ulong> PagesApart(ulong address)
    {
        foreach (var window in space.View.Sections.Where(section => section.Kind == SectionKind.Iommu).Select(section => section.Range))
        {
            // By number, and wider than an address: a window may be smaller than a page, and may end with the last address.
            var end = ((UInt128)window.Last.Value + 1) / Page;
            for (var number = ((UInt128)window.Start.Value + Page - 1) / Page; number < end; number++)
            {
                if (number > (address / Page) + 2 || number + 2 < address / Page)
                {
                    yield return (ulong)number * Page;
                }
            }
        }
    }

    private static bool IsWritable(SectionScript section) =>
        section is { Kind: SectionKind.Ram, ReadOnly: false, Backing: SectionBacking.Memory, Bar: null } && section.Range.Length >= Page;
}
