using Akka.Actor;
using Akka.Hosting;

namespace Akka.Embedded.Tests;

public sealed class ActorRegistryTests
{
    private readonly ActorRegistry _registry = new();

    [Fact]
    public void A_key_is_taken_once_unless_it_is_overwritten()
    {
        _registry.Register<int>(ActorRefs.Nobody);
        Assert.Throws<DuplicateActorRegistryException>(() => _registry.Register<int>(ActorRefs.Nobody));
        Assert.False(_registry.TryRegister<int>(ActorRefs.Nobody));
        Assert.True(_registry.TryRegister<int>(ActorRefs.Nobody, overwrite: true));
        Assert.Single(_registry);
    }

    [Fact]
    public void A_missing_key_is_said() => Assert.Throws<MissingActorRegistryEntryException>(() => _registry.Get<string>());

    [Fact]
    public async Task One_can_wait_for_a_key()
    {
        var waiting = _registry.GetAsync<string>();
        Assert.False(waiting.IsCompleted);
        _registry.Register<string>(ActorRefs.Nobody);
        Assert.Equal(ActorRefs.Nobody, await waiting);
        using var source = new CancellationTokenSource();
        var other = _registry.GetAsync<long>(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
    }

    [Fact]
    public void A_required_actor_that_is_not_there_is_said() =>
        Assert.Throws<MissingActorRegistryEntryException>(() => new RequiredActor<string>(_registry).ActorRef);
}
