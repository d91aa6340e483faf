using Akka.Actor;
using Akka.Embedded.Tests.Support;
using Akka.Event;

namespace Akka.Embedded.Tests;

public sealed class LoggingTests : Spec
{
    [Fact]
    public void An_actors_log_has_its_path_and_type_and_formats_by_position()
    {
        Hear<Warning>();
        var a = Start((x, m) => x.Ctx.GetLogger().Warning("got {0} and {1}", m, 2), "logging");
        a.Tell("x");
        var line = ExpectMsg<Warning>();
        Assert.Equal((a.Path.ToString(), typeof(Fn), "got x and 2"), (line.LogSource, line.LogClass, line.Message.ToString()));
        Assert.Equal(LogLevel.WarningLevel, line.LogLevel());
    }

    [Fact]
    public void Levels_below_the_configured_one_are_off()
    {
        Hear<LogEvent>();
        var log = Logging.GetLogger(Sys, "source");
        Assert.False(log.IsDebugEnabled || log.IsInfoEnabled);
        Assert.True(log.IsWarningEnabled && log.IsErrorEnabled);
        log.Info("nothing {0}", 1);
        log.Debug("nothing");
        log.Error(new BoomException(), "error {0}", 1);
        var line = ExpectMsg<Error>();
        Assert.IsType<BoomException>(line.Cause);
        Assert.Equal("error 1", line.Message.ToString());
        Assert.False(HasMessages);
    }

    [Theory]
    [InlineData("DEBUG", LogLevel.DebugLevel)]
    [InlineData("info", LogLevel.InfoLevel)]
    [InlineData("WARNING", LogLevel.WarningLevel)]
    [InlineData("ERROR", LogLevel.ErrorLevel)]
    public void Levels_have_names(string name, LogLevel level) => Assert.Equal(level, Logging.LogLevelFor(name));

    [Fact]
    public void An_unknown_level_is_refused() => Assert.Throws<ArgumentException>(() => Logging.LogLevelFor("LOUD"));

    [Fact]
    public void An_unhandled_message_is_published()
    {
        Hear<UnhandledMessage>();
        var a = Start((x, m) => x.Lost(m));
        a.Tell("u", TestActor);
        var unhandled = ExpectMsg<UnhandledMessage>();
        Assert.Equal(("u", TestActor, a), (unhandled.Message, unhandled.Sender, unhandled.Recipient));
    }
}
