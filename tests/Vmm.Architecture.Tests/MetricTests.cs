using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Vmm.Architecture.Tests.Tree;
using Vmm.Iommu.HotPath;

namespace Vmm.Architecture.Tests;

/// <summary>The instruments of the meter and docs/metrics.md say the same.</summary>
public sealed class MetricTests
{
    [Fact]
    public void The_document_lists_every_instrument_with_its_kind()
    {
        using var meters = new VfioMeters();
        using var listener = new MeterListener();
        var instruments = new List<string>();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter == meters.Meter)
            {
                instruments.Add($"{instrument.Name}: {KindOf(instrument)}");
            }
        };
        listener.Start();

        var listed = Regex.Matches(Repository.Read("docs/metrics.md"), @"^\| `(?<name>vfio_\w+)` \| (?<kind>[^|]+) \|", RegexOptions.Multiline, TimeSpan.FromSeconds(1))
            .Select(row => $"{row.Groups["name"].Value}: {row.Groups["kind"].Value}");
        Assert.Equal(instruments.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        ObservableUpDownCounter<long> => "up-down counter, when asked",
        ObservableGauge<long> => "gauge, when asked",
        Histogram<int> or Histogram<double> => "histogram",
        Counter<long> => "counter",
        _ => instrument.GetType().Name,
    };
}
