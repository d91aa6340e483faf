using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class ActorUseTests
{
    [Fact]
    public void Actors_stay_inside_the_part_of_Akka_that_we_use() => Violation.AssertNone(Repository.Product.SelectMany(ActorRule.CheckSubset));

    [Fact]
    public void Handlers_are_not_async() => Violation.AssertNone(Repository.Product.SelectMany(ActorRule.CheckHandlers));

    [Fact]
    public void Only_faces_ask_and_always_with_a_timeout() => Violation.AssertNone(Repository.Product.SelectMany(ActorRule.CheckAsk));

    // A benchmark's own thread has nothing to do but wait for what it measures.
    [Fact]
    public void Nothing_waits_on_a_task() =>
        Violation.AssertNone(Repository.Sources.Where(file => file.Project != "Vmm.Benchmarks").SelectMany(ActorRule.CheckBlocking));

    [Theory]
    [InlineData("ReceiveAsync<int>(M);")]
    [InlineData("BecomeStacked(M);")]
    [InlineData("Context.ActorSelection(\"/user/x\");")]
    [InlineData("Context.SetReceiveTimeout(null);")]
    [InlineData("Receive<ReceiveTimeout>(M);")]
    [InlineData("x.Tell(Kill.Instance);")]
    [InlineData("x.Tell(new Identify(1));")]
    [InlineData("x.GracefulStop(t);")]
    [InlineData("CoordinatedShutdown.Get(system);")]
    [InlineData("var d = Directive.Restart;")]
    public void A_member_outside_the_subset_is_found(string statement) =>
        Assert.Single(ActorRule.CheckSubset(Method(statement)));

    [Theory]
    [InlineData("process.Kill();")]
    [InlineData("var d = Directive.Stop;")]
    [InlineData("Receive<Terminated>(M);")]
    public void Other_uses_of_the_words_are_let_through(string statement) =>
        Assert.Empty(ActorRule.CheckSubset(Method(statement)));

    [Theory]
    [InlineData("Receive<int>(async n => await M(n));", 1)]
    [InlineData("ReceiveAny(async delegate(object o) { });", 1)]
    [InlineData("Receive<int>(n => M(n));", 0)]
    public void An_async_handler_is_found(string statement, int violations) =>
        Assert.Equal(violations, ActorRule.CheckHandlers(Method(statement)).Count());

    [Theory]
    [InlineData("src/Vmm.Actors/Groups/GroupActor.cs", "x.Ask<int>(m, timeout);", 1)]
    [InlineData("src/Vmm.Actors/Client/Vmm.cs", "x.Ask<int>(m);", 1)]
    [InlineData("src/Vmm.Actors/Client/Vmm.cs", "x.Ask<int>(m, cancellation);", 1)]
    [InlineData("src/Vmm.Actors/Client/Vmm.cs", "x.Ask<int>(m, timeout, cancellation);", 0)]
    [InlineData("src/Vmm.Actors/Client/Vmm.cs", "x.Ask<int>(m, TimeSpan.FromSeconds(5));", 0)]
    public void An_open_ended_or_misplaced_question_is_found(string path, string statement, int violations) =>
        Assert.Equal(violations, ActorRule.CheckAsk(Method(statement, path)).Count());

    [Theory]
    [InlineData("var x = M().GetAwaiter().GetResult();", 1)]
    [InlineData("Settle(() => task.IsCompleted); var x = task.GetAwaiter().GetResult();", 0)]
    [InlineData("var x = LoadAsync(1).Result;", 1)]
    [InlineData("var x = _task.Result;", 1)]
    [InlineData("stopTask.Wait(time);", 1)]
    [InlineData("Task.WaitAll(a, b);", 1)]
    [InlineData("var x = reply.Result;", 0)]
    [InlineData("_gate.Wait(time);", 0)]
    public void A_wait_is_found(string statement, int violations) =>
        Assert.Equal(violations, ActorRule.CheckBlocking(Method(statement)).Count());

    private static SourceFile Method(string statement, string path = "src/Vmm.Actors/X.cs") => new(path, $"class X {{ void N() {{ {statement} }} }}");
}
