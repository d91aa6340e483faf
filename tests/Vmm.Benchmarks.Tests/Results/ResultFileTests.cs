using Vmm.Benchmarks.Results;

namespace Vmm.Benchmarks.Tests.Results;

public class ResultFileTests
{
    [Fact]
    public void A_file_is_read_as_it_was_written()
    {
        var file = Sample.File(Sample.Timed("a"), Figure.Counted("b", "bytes", 40, Aim.AtMost(48, "<= 48 bytes")) with { Note = "seen" });
        var read = ResultFile.Parse("kept.json", file.ToJson());

        Assert.Equal(file.ToJson(), read.ToJson());
        Assert.Equal((file.Machine, file.Figures[0].Control, true), (read.Machine, read.Figures[0].Control, read.Figures[1].Holds));
        Assert.Contains("\"collections\": [", file.ToJson(), StringComparison.Ordinal);
        Assert.Contains("\"text\": \"<= 48 bytes\"", file.ToJson(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "kept.json:1: $: not what")]
    [InlineData("null", "kept.json: empty")]
    [InlineData("[]", "kept.json:1: $: not what")]
    [InlineData("{}", "kept.json: format: ''")]
    [InlineData("{\"format\": \"other\"}", "kept.json: format: 'other' is not 'vmm-benchmarks-1'")]
    [InlineData("{\"format\": \"vmm-benchmarks-1\"}", "kept.json: machine: there is none")]
    [InlineData("{\"format\": \"vmm-benchmarks-1\", \"machine\": {}, \"figures\": []}", "kept.json: figures: there is none")]
    [InlineData("{\"format\": \"vmm-benchmarks-1\", \"machine\": {}, \"figures\": [{\"name\": \"a\"}]}", "kept.json: figures[0]: wants name, unit")]
    [InlineData("{\"format\": \"vmm-benchmarks-1\", \"machine\": {}, \"figures\": [null]}", "kept.json: figures[0]: wants name, unit")]
    [InlineData("{\"format\": \"vmm-benchmarks-1\",\n\"machine\": {\"cores\": \"two\"}}", "kept.json:2: $.machine.cores: not what")]
    public void A_bad_file_is_refused_with_its_name_the_place_and_the_cure(string text, string message)
    {
        var refused = Assert.Throws<BadResultsException>(() => ResultFile.Parse("kept.json", text));
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("write one with --json FILE", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_there_twice_is_refused()
    {
        var refused = Assert.Throws<BadResultsException>(() => ResultFile.Parse("kept.json", Sample.File(Sample.Timed("a"), Sample.Timed("a")).ToJson()));
        Assert.StartsWith("kept.json: figures[1]: 'a' is there twice", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "no-such-directory", "kept.json");
        Assert.StartsWith($"{path}: cannot be read:", Assert.Throws<BadResultsException>(() => ResultFile.Read(path)).Message, StringComparison.Ordinal);
        Assert.StartsWith($"{path}: cannot be written:", Assert.Throws<BadResultsException>(() => Sample.File(Sample.Timed("a")).Write(path)).Message, StringComparison.Ordinal);
    }
}
