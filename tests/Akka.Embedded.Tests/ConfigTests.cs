using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Support;

namespace Akka.Embedded.Tests;

public sealed class ConfigTests
{
    private static readonly Config Sample = ConfigurationFactory.ParseString("""
        # a comment
        a.time = 5s
        a.list = ["x", "y, z"]
        a.on = on
        a.quoted = "some # text"
        a.number = 42 // another
        b = 1.5
        """);

    [Fact]
    public void Values_are_read_by_type()
    {
        Assert.Equal(TimeSpan.FromSeconds(5), Sample.GetTimeSpan("a.time"));
        Assert.Equal(["x", "y, z"], Sample.GetStringList("a.list"));
        Assert.True(Sample.GetBoolean("a.on"));
        Assert.Equal("some # text", Sample.GetString("a.quoted"));
        Assert.Equal(42, Sample.GetInt("a.number"));
        Assert.Equal(42L, Sample.GetLong("a.number"));
        Assert.Equal(1.5, Sample.GetDouble("b"));
    }

    [Fact]
    public void A_missing_path_gives_the_default()
    {
        Assert.Equal(3, Sample.GetInt("no.such", 3));
        Assert.Null(Sample.GetString("no.such"));
        Assert.False(Sample.GetBoolean("no.such"));
        Assert.Equal(Second, Sample.GetTimeSpan("no.such", Second));
        Assert.False(Sample.HasPath("no"));
        Assert.True(Sample.HasPath("a"));
    }

    [Fact]
    public void A_fallback_fills_what_is_missing_and_a_section_has_its_own_paths()
    {
        var config = ConfigurationFactory.ParseString("b = 2").WithFallback(Sample);
        Assert.Equal(2, config.GetInt("b"));
        Assert.Equal(42, config.GetInt("a.number"));
        Assert.Equal(42, config.GetConfig("a").GetInt("number"));
        Assert.True(ConfigurationFactory.ParseString("").IsEmpty);
    }

    [Theory]
    [InlineData("100ms", 100)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1.5s", 1500)]
    public void Durations_have_units(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), ConfigurationFactory.ParseString("t = " + text).GetTimeSpan("t"));

    [Fact]
    public void Infinite_is_a_duration() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, ConfigurationFactory.ParseString("t = infinite").GetTimeSpan("t"));

    [Fact]
    public async Task A_system_knows_its_configuration_and_the_defaults()
    {
        var system = ActorSystem.Create("configured", Spec.QuietConfig + "my.key = value");
        Assert.Equal("value", system.Settings.Config.GetString("my.key"));
        Assert.True(system.Settings.Config.HasPath("akka.actor.default-dispatcher"));
        Assert.Equal("WARNING", system.Settings.LogLevel);
        await system.Terminate();
    }

    private static TimeSpan Second => TimeSpan.FromSeconds(1);
}
