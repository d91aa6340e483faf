using System.Globalization;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Mappings;

namespace Vmm.Testing.Captures;

/// <summary>Follows what the calls of one run leave mapped, and counts what each step did.</summary>
/// <param name="isRam">Whether a place is RAM; what moves of a BAR is no churn.</param>
internal sealed class MappingCount(Func<HostPlace, bool> isRam)
{
    private readonly Dictionary<string, IovaRangeMap<Mapped>> _containers = new(StringComparer.Ordinal);

    /// <summary>Counts the calls of a step.</summary>
    public ReplayFigures Count(IEnumerable<ReplayedCall> calls)
    {
        var (maps, unmaps, churn) = (0, 0, UInt128.Zero);
        var gone = new List<(string Container, IovaRange Range, Mapped What)>();
        foreach (var call in calls.Where(call => call.Errno.IsNone))
        {
            if (call.IsMap && call.Host is { } host)
            {
                maps++;
                churn += Map(call, host, gone);
            }
            else if (call.IsUnmap && Number(call, "unmapped") > 0)
            {
                unmaps++;
                gone.AddRange(Unmap(call));
            }
        }

        return new ReplayFigures(maps, unmaps, churn, _containers.Values.Select(container => container.Count).DefaultIfEmpty().Max());
    }

    private UInt128 Map(ReplayedCall call, HostPlace host, List<(string Container, IovaRange Range, Mapped What)> gone)
    {
        var range = IovaRange.FromLength(Number(call, "iova"), Number(call, "size"));
        var mapped = new Mapped(host.Block, unchecked(host.Offset - range.Start.Value), Number(call, "flags"));
        Container(call.Role).TryAdd(range, mapped);
        return !isRam(host)
            ? 0
            : gone.Where(before => before.Container == call.Role && before.What == mapped)
                .Aggregate(UInt128.Zero, (bytes, before) => before.Range.TryIntersect(range, out var shared) ? bytes + shared.Length : bytes);
    }

    private List<(string Container, IovaRange Range, Mapped What)> Unmap(ReplayedCall call)
    {
        var container = Container(call.Role);
        var range = Number(call, "size") == 0 ? IovaRange.All : IovaRange.FromLength(Number(call, "iova"), Number(call, "size"));
        var gone = new List<(string, IovaRange, Mapped)>();
        foreach (var (found, mapped) in container.Overlapping(range))
        {
            gone.Add((call.Role, found, mapped));
        }

        gone.ForEach(entry => container.Remove(entry.Item2.Start));
        return gone;
    }

    private IovaRangeMap<Mapped> Container(string role) =>
        _containers.TryGetValue(role, out var known) ? known : _containers[role] = new IovaRangeMap<Mapped>();

    private static ulong Number(ReplayedCall call, string field)
    {
        var text = call.Fields.First(pair => pair.Key == field).Value;
        return text.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : ulong.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Which byte lies behind each IOVA: the offset less the IOVA is the same all over a mapping.</summary>
    private readonly record struct Mapped(string Block, ulong Slope, ulong Flags);
}
