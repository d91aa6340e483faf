using System.Text.Json.Nodes;
using Vmm.Iommu.Planning;
using Vmm.Testing.Captures;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Captures;

/// <summary>Replays of captures of QEMU, call for call, and of captures in which one thing was altered.</summary>
public sealed class CaptureReplayTests
{
    public static TheoryData<string> Captures => [.. CaptureFiles.All.Keys];

    public static TheoryData<string> Sample => ["q35-1g-viommu-legacy", "q35-256m-kvm-legacy", "resv-conflict-hotplug-legacy", "q35-1g-mdev-then-hotplug-legacy", "q35-512m-boot-p2p-iommufd", "resv-conflict-mdev-then-hotplug-iommufd"];

    [Theory, MemberData(nameof(Captures))]
    public void Every_call_and_every_refusal_is_qemus(string capture)
    {
        var result = Replay(CaptureFiles.Load(capture), MappingPlanMode.Qemu);
        Assert.Null(result.Difference);
        Assert.Null(result.Left);
        Assert.Equal(result.Capture.Steps.Count, result.Steps.Count);
        Assert.Equal(
            result.Capture.Steps.Sum(step => step.Calls.Count),
            result.Steps.Sum(step => step.Calls.Count + step.LeftOut));
    }

    [Fact]
    public void Calls_of_the_kvm_device_are_left_out_and_counted() =>
        Assert.Equal(3, Replay(CaptureFiles.Load("q35-256m-kvm-legacy"), MappingPlanMode.Qemu).Steps.Sum(step => step.LeftOut));

    [Theory, MemberData(nameof(Captures))]
    public void The_steady_way_refuses_what_qemu_refuses_and_moves_no_byte_that_stays(string capture)
    {
        var result = Replay(CaptureFiles.Load(capture), MappingPlanMode.Steady);
        Assert.True(result.Passed, $"{result.Difference} {result.Left}");
        Assert.Equal(UInt128.Zero, result.Ours.Churn);
        Assert.InRange(result.Ours.Entries, 0, 150);
        Assert.DoesNotContain(result.Steps.SelectMany(step => step.Calls), call => call.IsMap && !call.Errno.IsNone && IsRam(call));
    }

    [Fact]
    public void A_boot_churns_four_times_its_memory_in_qemu_and_nothing_here()
    {
        var result = Replay(CaptureFiles.Load("q35-1g-boot-legacy"), MappingPlanMode.Steady);

        // Each of four changes below 1 MiB unmaps and maps again the gigabyte less what changes itself.
        Assert.InRange(result.Qemu.Churn, (UInt128)(4095UL << 20), (UInt128)(4096UL << 20));
        Assert.Equal(UInt128.Zero, result.Ours.Churn);
    }

    [Theory, MemberData(nameof(Sample))]
    public void A_call_that_is_left_out_of_a_capture_is_found(string name)
    {
        foreach (var (step, call) in CallsOf(name))
        {
            var altered = CaptureFiles.Read(name);
            CallList(altered, step).RemoveAt(call);
            Assert.Equal(step, DifferenceOf(altered).Step);
        }
    }

    [Theory, MemberData(nameof(Sample))]
    public void A_value_of_a_call_that_was_altered_is_found(string name)
    {
        var altered = 0;
        foreach (var (step, call) in CallsOf(name))
        {
            foreach (var key in CallList(CaptureFiles.Read(name), step)[call]!.AsObject().Select(pair => pair.Key).Where(IsAltered).ToList())
            {
                var document = CaptureFiles.Read(name);
                if (Alter(CallList(document, step)[call]!.AsObject(), key))
                {
                    var difference = DifferenceOf(document);
                    Assert.Equal((step, true), (difference.Step, difference.What.StartsWith("call", StringComparison.Ordinal)));
                    altered++;
                }
            }
        }

        Assert.InRange(altered, 12, 1000);
    }

    [Theory]
    [InlineData("attached")]
    [InlineData("refused: vfio 0000:01:00.0: something else")]
    public void Another_outcome_is_found(string outcome)
    {
        var altered = CaptureFiles.Read("resv-conflict-hotplug-legacy");
        altered["steps"]![1]!["outcome"] = outcome;
        Assert.Equal((1, "the outcome"), (DifferenceOf(altered).Step, DifferenceOf(altered).What));
    }

    [Fact]
    public void Of_the_words_of_a_refusal_the_pointer_alone_may_differ()
    {
        foreach (var (part, passes) in new[] { ("vfio_container_dma_map(0x", true), ("Region mach-virt", false), ("= -22", false), (", 0x40000000, 0x", false) })
        {
            var altered = CaptureFiles.Read("resv-conflict-hotplug-legacy");
            var words = altered["steps"]![1]!["outcome"]!.GetValue<string>();
            Assert.Contains(part, words, StringComparison.Ordinal);
            altered["steps"]![1]!["outcome"] = words.Replace(part, part.Replace("-22", "-12", StringComparison.Ordinal).Replace("virt", "real", StringComparison.Ordinal)
                .Replace("(0x", "(0x7", StringComparison.Ordinal).Replace("40000000", "50000000", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Equal(passes, Replay(Parse(altered), MappingPlanMode.Qemu).Difference is null);
        }
    }

    [Fact]
    public void A_host_without_the_device_is_refused_by_its_step()
    {
        var altered = CaptureFiles.Read("q35-1g-hotplug-legacy");
        altered["steps"]![1]!["device"] = "0000:77:00.0";
        var wrong = Assert.Throws<CaptureFormatException>(() => Replay(Parse(altered), MappingPlanMode.Qemu));
        Assert.Contains("steps[1].device: the host has no device 0000:77:00.0", wrong.Message, StringComparison.Ordinal);
    }

    private static ReplayResult Replay(Capture capture, MappingPlanMode mode) =>
        CaptureReplay.Run(capture, new ReplayOptions { Host = EmulatedHost.Load(Emulation.Captures.Host("capture-host")), Mode = mode });

    private static ReplayDifference DifferenceOf(JsonNode document)
    {
        var difference = Replay(Parse(document), MappingPlanMode.Qemu).Difference;
        Assert.NotNull(difference);
        return difference;
    }

    private static Capture Parse(JsonNode document) => Capture.Parse(document.ToJsonString(), "altered.json");

    private static IEnumerable<(int Step, int Call)> CallsOf(string name) =>
        CaptureFiles.Load(name).Steps.SelectMany(step => step.Calls.Select((call, at) => (call, at)).Where(made => made.call.IsCompared).Select(made => (step.Index, made.at)));

    private static JsonArray CallList(JsonNode document, int step) => document["steps"]![step]!["calls"]!.AsArray();

    private static bool IsRam(ReplayedCall call) => call.Host is { } host && !host.Block.Contains("BAR", StringComparison.Ordinal);

    // "us" is a time; a descriptor's number means nothing; "in" is QEMU's own memory behind the first word.
    private static bool IsAltered(string key) => key is not ("us" or "call" or "fd" or "container" or "in" or "ioas" or "file");

    private static bool Alter(JsonObject call, string key)
    {
        if (key == "out")
        {
            // The page sizes: the third and fourth word.
            var bytes = Convert.FromHexString(call[key]!.GetValue<string>());
            bytes[9] ^= 0x20;
            call[key] = Convert.ToHexStringLower(bytes);
            return true;
        }

        if (key == "ret" && call["call"]!.GetValue<string>() is "VFIO_GROUP_GET_DEVICE_FD")
        {
            return false;
        }

        // What a call that failed would have answered is nothing.
        if (call.ContainsKey("errno") && key is "ret" or "unmapped")
        {
            return false;
        }

        call[key] = call[key]!.GetValueKind() == System.Text.Json.JsonValueKind.Number
            ? call[key]!.GetValue<long>() + 1
            : key == "name" ? call[key]!.GetValue<string>() + "x"
            : $"0x{Convert.ToUInt64(call[key]!.GetValue<string>(), 16) ^ 0x1000:x}";
        return true;
    }
}
