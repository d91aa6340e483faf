using Vmm.Actors;
using Vmm.Testing.Recordings;
using Vmm.Testing.Scenarios;
using Vmm.Testing.Tests.Scenarios;

namespace Vmm.Testing.Tests.Recordings;

public sealed class RecordingReplayTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vmm-recording-").FullName;

    public static TheoryData<string> Scenarios => [.. ShippedFiles.Scenarios];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_recorded_scenario_is_equal_when_it_is_replayed(string name)
    {
        var result = RecordingReplay.Run(Recording.Load(Record(ShippedFiles.Scenario(name))));

        Assert.Null(result.Difference);
        Assert.True(result.Calls > 0);
    }

    [Fact]
    public void A_device_attached_through_iommufd_is_equal_as_well()
    {
        // The scenario's own words are of type1; its first step attaches all the same.
        var path = Record(ShippedFiles.Scenario("tour.yaml") with { Backend = BackendChoice.Iommufd }, passes: false);

        Assert.Contains("\"call\":\"IOMMU_IOAS_MAP", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Null(RecordingReplay.Run(Recording.Load(path)).Difference);
    }

    [Fact]
    public void Recording_changes_nothing_of_what_happens()
    {
        var scenario = ShippedFiles.Scenario("tour.yaml");
        using var file = RecordingFile.Create(Path.Combine(_directory, "tour.jsonl"));

        var recorded = scenario.Run(recording: file);

        Assert.True(recorded.Passed, recorded.ToString());
        Assert.Equal(scenario.Run().Steps.SelectMany(step => step.Calls).Count(), recorded.Steps.SelectMany(step => step.Calls).Count());
        Assert.Null(file.Failure);
    }

    [Fact]
    public void A_recording_can_be_replayed_twice()
    {
        var recording = Recording.Load(Record(ShippedFiles.Scenario("live-group.yaml")));

        Assert.Equal(RecordingReplay.Run(recording), RecordingReplay.Run(recording));
    }

    [Fact]
    public void An_altered_errno_is_found_at_its_line()
    {
        var lines = File.ReadAllLines(Record(ShippedFiles.Scenario("tour.yaml")));
        var at = Array.FindIndex(lines, line => line.Contains("\"call\":\"VFIO_IOMMU_MAP_DMA\"", StringComparison.Ordinal));
        lines[at] = lines[at].Replace("\"ret\":0", "\"ret\":0,\"errno\":\"ENOMEM\"", StringComparison.Ordinal);

        var difference = RecordingReplay.Run(Recording.Parse(string.Join('\n', lines) + "\n", "field.jsonl")).Difference;

        Assert.NotNull(difference);
        Assert.Equal(at + 1, difference.Line);
        Assert.StartsWith("VFIO_IOMMU_MAP_DMA on /dev/vfio/vfio#", difference.Call, StringComparison.Ordinal);
        Assert.Equal(("ENOMEM (12, out of memory, or over the locked-memory limit)", "0"), (difference.Recorded, difference.Emulated));
        Assert.Contains("iova", difference.Arguments.Keys);
    }

    [Fact]
    public void A_last_line_that_is_cut_is_left_out_and_told()
    {
        var text = File.ReadAllText(Record(ShippedFiles.Scenario("tour.yaml")));
        var whole = Recording.Parse(text, "field.jsonl");

        var cut = Recording.Parse(text[..^20], "field.jsonl");

        Assert.Equal((false, true), (whole.IsCut, cut.IsCut));
        Assert.Equal(whole.WholeLines - 1, cut.WholeLines);
        Assert.Null(RecordingReplay.Run(cut).Difference);
    }

    [Fact]
    public void A_line_in_the_middle_that_is_no_call_is_an_error_with_its_number()
    {
        var lines = File.ReadAllLines(Record(ShippedFiles.Scenario("tour.yaml")));
        lines[4] = "{\"number\":3";

        var wrong = Assert.Throws<RecordingFormatException>(() => Recording.Parse(string.Join('\n', lines), "field.jsonl"));

        Assert.Equal(5, wrong.Line);
        Assert.StartsWith("field.jsonl: 5: the line is no call", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "field.jsonl: the file is empty")]
    [InlineData("{\"steps\":[]}", "field.jsonl: 1: this is no recording")]
    [InlineData("{\"format\":\"vmm-recording\",\"version\":2}\n", "field.jsonl: 1: the recording has version 2")]
    [InlineData("{\"format\":\"vmm-recording\",\"version\":1,\"kern", "field.jsonl: 1: the first line is no whole header")]
    [InlineData("{\"format\":\"vmm-recording\",\"version\":1}\n", "field.jsonl: 1: the first line is no whole header")]
    public void A_file_that_cannot_be_used_says_why(string text, string words)
    {
        var wrong = Assert.Throws<RecordingFormatException>(() => Recording.Parse(text, "field.jsonl"));

        Assert.StartsWith(words, wrong.Message, StringComparison.Ordinal);
    }

    private string Record(HotplugScenario scenario, bool passes = true)
    {
        var path = Path.Combine(_directory, $"{Guid.NewGuid():N}.jsonl");
        using var file = RecordingFile.Create(path);
        var result = scenario.Run(recording: file);
        Assert.True(result.Passed || !passes, result.ToString());
        Assert.Null(file.Failure);
        return path;
    }
}
