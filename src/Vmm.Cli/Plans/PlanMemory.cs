using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Testing.Captures;

namespace Vmm.Cli.Plans;

/// <summary>A guest's memory on paper: a view with blocks that have an address and nothing behind it.</summary>
/// <param name="View">The view.</param>
/// <param name="HostMemory">How the memory behind it is taken to lie, in words: the plan says so beside its costs.</param>
internal sealed record PlanMemory(FlatView View, string HostMemory)
{
    // Guest RAM is taken as a VMM maps it for large pages.
    private const ulong Alignment = 1UL << 30;
    private const string Right = "name what 'info mtree -f' printed, such as configs/memory-maps/q35-8g.txt, or a capture (.json)";

    /// <summary>Reads a view.</summary>
    /// <param name="request">Names the file and the address space.</param>
    /// <exception cref="CliException">The file cannot be used.</exception>
    public static PlanMemory Read(PlanRequest request)
    {
        var isCapture = Path.GetExtension(request.Memory).Equals(".json", StringComparison.OrdinalIgnoreCase);
        if (request.Step is { } step && !isCapture)
        {
            throw new CliException($"--step {step}: {request.Memory} is no capture, so it has no steps; take the option out");
        }

        if (request.Memory.Length == 0 || Directory.Exists(request.Memory))
        {
            throw new CliException($"--memory {request.Memory}: {(request.Memory.Length == 0 ? "the path is empty" : "is a directory")}; {Right}");
        }

        try
        {
            return isCapture
                ? new(CapturedView.Read(request.Memory, request.Space, request.Step), "host memory lies as it did when captured")
                : new(FromText(request.Memory, request.Space), "host memory taken as contiguous and aligned to 1 GiB");
        }
        catch (Exception wrong) when (wrong is FormatException or CaptureFormatException)
        {
            throw new CliException(wrong.Message, inner: wrong);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"--memory {request.Memory}: cannot be read: {fault.Message.TrimEnd('.')}; {Right}", inner: fault);
        }
    }

    private static FlatView FromText(string file, string space)
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
}
