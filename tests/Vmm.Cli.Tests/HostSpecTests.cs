namespace Vmm.Cli.Tests;

public sealed class HostSpecTests
{
    [Fact]
    public void Linux_is_this_host() => Assert.Equal(new HostSpec((string?)null), HostSpec.TryParse("linux", out _));

    [Theory]
    [InlineData("emulated:x.tar.gz", "x.tar.gz")]
    [InlineData("emulated:/a:b/c", "/a:b/c")]
    public void An_emulated_host_has_a_path(string text, string path)
    {
        var spec = HostSpec.TryParse(text, out _);

        Assert.Equal(path, spec?.EmulatedPath);
        Assert.Equal(text, spec?.ToString());
    }

    [Theory]
    [InlineData("emulated:", "names no captured host")]
    [InlineData("emulated", "names no captured host")]
    [InlineData("", "is neither linux nor emulated:PATH")]
    [InlineData("Linux", "is neither linux nor emulated:PATH")]
    [InlineData("linux:x", "is neither linux nor emulated:PATH")]
    [InlineData("configs/hosts/q35-vtd.tar.gz", "is neither linux nor emulated:PATH")]
    public void Anything_else_is_refused_with_what_is_right(string text, string wrong)
    {
        Assert.Null(HostSpec.TryParse(text, out var words));

        Assert.Contains(wrong, words, StringComparison.Ordinal);
        Assert.EndsWith("emulated:configs/hosts/q35-vtd.tar.gz", words, StringComparison.Ordinal);
    }
}
