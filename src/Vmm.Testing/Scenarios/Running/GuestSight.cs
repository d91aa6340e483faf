using Vmm.Iommu.AddressSpaces;
using Vmm.Testing.Scenarios.Machines;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Guest memory by a view of a running scenario.</summary>
internal sealed class GuestSight(ScenarioWorld world, ScriptedView view) : IGuestSight
{
    private const ulong Page = 0x1000;

    public bool HasMemory(ulong address, int count) =>
        view.At(address) is { Kind: SectionKind.Ram, Backing: SectionBacking.Memory, Bar: null } section && section.Range.Last.Value - address >= (ulong)count - 1;

    public ulong? PageAwayFrom(ulong address)
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

    public byte[] Read(ulong address, int count) => world.GuestRead(view, address, count);

    public void Write(ulong address, ReadOnlySpan<byte> bytes) => world.GuestWrite(view, address, bytes);

    private static bool IsWritable(SectionScript section) =>
        section is { Kind: SectionKind.Ram, ReadOnly: false, Backing: SectionBacking.Memory, Bar: null } && section.Range.Length >= Page;
}
