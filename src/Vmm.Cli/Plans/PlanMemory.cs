using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Cli.Plans;

/// <summary>A guest's memory on paper: views with blocks that have an address and nothing behind it.</summary>
internal static class PlanMemory
{
    // Guest RAM is taken as a VMM maps it for large pages; the plan says so beside its costs.
    private const ulong Alignment = 1UL << 30;

    /// <summary>Reads a view.</summary>
    /// <param name="file">What QEMU's monitor prints for <c>info mtree -f</c>.</param>
    /// <param name="space">The address space.</param>
    /// <exception cref="CliException">The file cannot be used.</exception>
    public static FlatView Read(string file, string space)
    {
        try
        {
            var next = Alignment;
            return MtreeParser.Parse(File.ReadAllText(file), file).ToFlatView(
                (name, length) =>
                {
                    var block = RamBlock.FromExisting(name, new HostAddress(next), length);
                    next += (length + Alignment - 1) & ~(Alignment - 1);
                    return block;
                },
                space);
        }
        catch (FormatException wrong)
        {
            throw new CliException(wrong.Message, inner: wrong);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"--memory {file}: cannot be read: {fault.Message} Name what 'info mtree -f' printed, such as configs/memory-maps/q35-8g.txt", inner: fault);
        }
    }
}
