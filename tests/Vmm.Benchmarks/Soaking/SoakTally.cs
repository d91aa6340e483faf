using Vmm.Iommu.Results;

namespace Vmm.Benchmarks.Soaking;

/// <summary>What one thread did and was answered. Read while the thread is held.</summary>
internal sealed class SoakTally
{
    private readonly long[] _statuses = new long[Enum.GetValues<MapStatus>().Length];
    private readonly SortedDictionary<int, long> _errnos = [];
    private readonly SortedDictionary<string, long> _others = new(StringComparer.Ordinal);

    /// <summary>Answers of maps and unmaps.</summary>
    public long Answers => _statuses.Sum();

    /// <summary>Counts an answer, and hands it on.</summary>
    public MapResult Count(MapResult result)
    {
        _statuses[(int)result.Status]++;
        if (!result.Errno.IsNone)
        {
            _errnos[result.Errno.Number] = _errnos.GetValueOrDefault(result.Errno.Number) + 1;
        }

        return result;
    }

    /// <summary>Counts something else.</summary>
    public void Count(string what, long times = 1) => _others[what] = _others.GetValueOrDefault(what) + times;

    /// <summary>How often.</summary>
    public long this[string what] => _others.GetValueOrDefault(what);

    /// <summary>This and others as one.</summary>
    public static SoakTally Sum(IEnumerable<SoakTally> tallies)
    {
        var sum = new SoakTally();
        foreach (var tally in tallies)
        {
            for (var status = 0; status < sum._statuses.Length; status++)
            {
                sum._statuses[status] += tally._statuses[status];
            }

            foreach (var (errno, times) in tally._errnos)
            {
                sum._errnos[errno] = sum._errnos.GetValueOrDefault(errno) + times;
            }

            foreach (var (what, times) in tally._others)
            {
                sum.Count(what, times);
            }
        }

        return sum;
    }

    /// <summary>Answers by status, then by errno, then the rest; a line each.</summary>
    public IEnumerable<string> Lines()
    {
        yield return "answers: " + string.Join(", ", _statuses.Select((times, status) => (Times: times, Status: (MapStatus)status))
            .Where(one => one.Times > 0).Select(one => $"{one.Status} {one.Times:N0}"));
        yield return "errnos: " + string.Join(", ", _errnos.Select(one => $"{new Errno(one.Key).Name} {one.Value:N0}"));
        yield return "besides: " + string.Join(", ", _others.Select(one => $"{one.Key} {one.Value:N0}"));
    }
}
