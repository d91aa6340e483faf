using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Testing.Captures;

namespace Vmm.Cli.Plans;

/// <summary>A view of a capture on paper. Behind it stand QEMU's own process addresses, so that large pages are those that it had.</summary>
internal static class CapturedView
{
    private const ulong InPage = 0xfff;

    /// <summary>Reads a view.</summary>
    /// <param name="file">The capture.</param>
    /// <param name="space">The address space.</param>
    /// <param name="step">The step, from 1, at which the view is looked at; null for the end.</param>
    /// <exception cref="CaptureFormatException">The capture cannot be used.</exception>
    /// <exception cref="CliException">It has no view of the space there.</exception>
    internal static FlatView Read(string file, string space, int? step)
    {
        var views = Capture.Load(file).Steps.OfType<CaptureStep.View>().ToList();
        if (views.TrueForAll(view => view.Space != space))
        {
            throw new CliException($"--space {space}: {file} shows none; it shows {string.Join(", ", views.Select(view => view.Space).Distinct())}");
        }

        return views.LastOrDefault(view => view.Space == space && (step is null || view.Index < step)) is { } found
            ? Of(found)
            : throw new CliException($"--step {step}: {file} does not show {space} yet; write {views.First(view => view.Space == space).Index + 1} or more");
    }

    private static FlatView Of(CaptureStep.View view)
    {
        var blocks = view.Sections
            .Where(section => section.Host is not null)
            .GroupBy(section => (section.Name, Base: BaseOf(section)))
            .ToDictionary(same => same.Key, same => BlockOf(same.Key.Name, [.. same]));
        return new FlatView(view.Sections.Select(section =>
        {
            var block = section.Host is null ? null : blocks[(section.Name, BaseOf(section))];
            var into = block is null ? 0 : section.Host!.Value - block.Address.Value;
            return new MemorySection(section.Range, section.Kind, section.Name, OffsetOf(section), section.ReadOnly, block, into);
        }));
    }

    /// <summary>Where the first byte of the section's region would be: sections that agree on it lie in one block.</summary>
    private static ulong BaseOf(CaptureSection section) => unchecked(section.Host!.Value - OffsetOf(section));

    // Where the capture gives no offset, QEMU mapped the section, so its place in the page is right.
    private static ulong OffsetOf(CaptureSection section) => section.Offset ?? section.Range.Start.Value & InPage;

    private static RamBlock BlockOf(string name, List<CaptureSection> sections)
    {
        var first = sections.Min(section => section.Host!.Value) & ~InPage;
        var last = sections.Max(section => section.Host!.Value + (ulong)(section.Range.Length - 1)) | InPage;
        return RamBlock.FromExisting(name, new HostAddress(first), last - first + 1);
    }
}
