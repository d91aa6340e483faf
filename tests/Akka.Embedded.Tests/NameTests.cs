using Akka.Actor;
using Akka.Embedded.Tests.Support;

namespace Akka.Embedded.Tests;

public sealed class NameTests : Spec
{
    [Fact]
    public void A_ref_shows_its_path_and_uid()
    {
        var a = Sys.ActorOf(Fn.Idle(), "n1");
        Assert.Equal($"akka://{Sys.Name}/user/n1", a.Path.ToString());
        Assert.Equal($"[akka://{Sys.Name}/user/n1#{a.Path.Uid}]", a.ToString());
        Assert.Equal("/user/n1", a.Path.ToStringWithoutAddress());
        Assert.Equal(("n1", "user"), (a.Path.Name, a.Path.Parent.Name));
        Assert.Equal(a.Path, a.Path.Parent / "n1");
        Assert.Equal(["user", "n1"], a.Path.Elements);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$x")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("%zz")]
    public void A_name_that_is_no_path_element_is_refused(string name) =>
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Fn.Idle(), name));

    [Fact]
    public void An_escaped_name_is_accepted() =>
        Assert.Equal("group-a%2Fb%20c", Sys.ActorOf(Fn.Idle(), "group-" + Uri.EscapeDataString("a/b c")).Path.Name);

    [Fact]
    public void A_name_is_given_once()
    {
        Sys.ActorOf(Fn.Idle(), "one");
        var refused = Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Fn.Idle(), "one"));
        Assert.Equal("Actor name \"one\" is not unique!", refused.Message);
        Assert.StartsWith("$", Sys.ActorOf(Fn.Idle()).Path.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_free_when_the_parent_handles_terminated_and_not_before()
    {
        Start((x, m) =>
        {
            switch (m)
            {
                case "go":
                    x.Ctx.Watch(x.Ctx.ActorOf(Fn.Idle(), "c"));
                    x.Ctx.Stop(x.Ctx.Child("c"));
                    TestActor.Tell(Record.Exception(() => x.Ctx.ActorOf(Fn.Idle(), "c")) is InvalidActorNameException ? "taken" : "free");
                    break;
                case Terminated:
                    TestActor.Tell(x.Ctx.Child("c").IsNobody());
                    x.Ctx.ActorOf(Fn.Idle(), "c");
                    TestActor.Tell("reused");
                    break;
            }
        }).Tell("go");
        ExpectMsg("taken");
        ExpectMsg(true);
        ExpectMsg("reused");
    }

    [Fact]
    public void A_new_incarnation_is_another_actor_at_the_same_path()
    {
        var old = Sys.ActorOf(Fn.Idle(), "inc");
        Watch(old);
        Sys.Stop(old);
        ExpectTerminated(old);
        IActorRef? reborn = null;
        Eventually(() => reborn = Sys.ActorOf(Fn.Echo(), "inc"));
        Assert.NotEqual(old, reborn);
        Assert.NotEqual(old.Path.Uid, reborn!.Path.Uid);
        Assert.Equal(old.Path, reborn.Path);
        old.Tell("lost", TestActor);
        reborn.Tell("found", TestActor);
        ExpectMsg("found");
    }

    [Theory]
    [InlineData("bad name")]
    [InlineData("-x")]
    [InlineData("")]
    public void A_system_needs_a_plain_name(string name) => Assert.Throws<ArgumentException>(() => ActorSystem.Create(name));
}
