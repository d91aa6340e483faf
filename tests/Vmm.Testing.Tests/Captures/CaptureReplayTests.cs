using Vmm.Iommu.Planning;
using Vmm.Testing.Captures;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Captures;

/// <summary>Replays of captures of QEMU, call for call.</summary>
public sealed class CaptureReplayTests
{
    public static TheoryData<string> Captures =>
        [.. Directory.EnumerateFiles(Folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "captures");

    [Theory, MemberData(nameof(Captures))]
    public void Every_call_and_every_refusal_is_qemus(string capture)
    {
        var result = Replay(capture, MappingPlanMode.Qemu);
        Assert.Null(result.Difference);
        Assert.Null(result.Left);
        Assert.Equal(result.Capture.Steps.Count, result.Steps.Count);
    }

    private static ReplayResult Replay(string capture, MappingPlanMode mode) => CaptureReplay.Run(
        Capture.Load(Path.Combine(Folder, capture + ".json")),
        new ReplayOptions { Host = EmulatedHost.Load(Path.Combine(AppContext.BaseDirectory, "hosts", "capture-host.tar.gz")), Mode = mode });
}
