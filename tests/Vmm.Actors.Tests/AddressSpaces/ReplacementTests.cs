using Vmm.Iommu.Results;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>What an actor had done in the ring or at the host when it ended is known to the one that takes over.</summary>
public class ReplacementTests
{
    private const string Device = "0000:05:00.0";
    private const string Space = "/user/vmm/address-space-memory";

    public static TheoryData<string, int> Moments()
    {
        var moments = new TheoryData<string, int>();
        foreach (var actor in new[] { Space, Space + "/container-1" })
        {
            for (var turns = 1; turns < 16; turns++)
            {
                moments.Add(actor, turns);
            }
        }

        return moments;
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public void A_detach_ends_and_the_device_can_come_back_whichever_actor_stops_under_it(string actor, int turns)
    {
        using var rig = new Rig(seed: turns);
        rig.Commit(rig.View);
        var attach = rig.Attach(Device);

        var detach = rig.Steps.Start(() => attach.Binding!.DetachAsync());
        StopAfter(rig, actor, turns);
        rig.Steps.Settle(() => detach.IsCompleted, "the detach");

        if (!detach.IsFaulted)
        {
            Assert.True(rig.Do(() => detach).IsDetached);
        }

        Assert.True(rig.Do(() => attach.Binding!.DetachAsync()).IsDetached);
        Assert.Empty(rig.Do(() => rig.Space.GetStateAsync()).Containers);
        var again = rig.Attach(Device);
        Assert.True(again.IsAttached, again.Refusal?.Words);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public void A_group_is_free_for_another_space_after_an_attach_lost_its_actor(string actor, int turns)
    {
        using var rig = new Rig(seed: turns);
        var other = rig.Do(() => rig.Vmm.CreateAddressSpaceAsync("other"));

        var attach = rig.Steps.Start(() => rig.Space.AttachDeviceAsync(Device));
        StopAfter(rig, actor, turns);
        rig.Steps.Settle(() => attach.IsCompleted, "the attach");
        if (attach.IsCompletedSuccessfully && rig.Do(() => attach).Binding is { } binding)
        {
            Assert.True(rig.Do(() => binding.DetachAsync()).IsDetached);
        }

        var elsewhere = rig.Do(() => other.AttachDeviceAsync(Device));
        Assert.True(elsewhere.IsAttached, elsewhere.Refusal?.Words);
    }

    [Fact]
    public void A_container_whose_actor_ended_under_a_commit_is_not_called_degraded_for_ever()
    {
        using var rig = new Rig();
        rig.Attach(Device);

        var commit = rig.Steps.Start(() => rig.Space.CommitViewAsync(rig.View));
        StopAfter(rig, Space + "/container-1", 3);
        rig.Steps.Settle(() => commit.IsCompleted, "the commit");

        Assert.True(rig.Reaches(Device, 0));
        Assert.Null(rig.OnlyContainer().Degraded);
    }

    [Fact]
    public void A_commit_that_its_actor_never_began_is_not_said_to_be_done()
    {
        using var rig = new Rig();
        rig.Attach(Device);

        var attach = rig.Steps.Start(() => rig.Space.AttachDeviceAsync("0000:06:00.0"));
        var commit = rig.Steps.Start(() => rig.Space.CommitViewAsync(rig.View));
        rig.Steps.Run(6);
        rig.Steps.StopActor(Space);
        rig.Steps.Settle(() => attach.IsCompleted && commit.IsCompleted, "both");

        var fault = Assert.IsType<IommuException>(commit.Exception?.InnerException);
        Assert.False(rig.Reaches(Device, 0));
        Assert.Contains("was not begun", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_to_the_host_is_answered_when_its_actor_stops()
    {
        for (var turns = 0; turns < 6; turns++)
        {
            using var rig = new Rig(seed: turns + 1);
            rig.Attach(Device);
            var rescan = rig.Steps.Start(() => rig.Vmm.RescanHostAsync());
            StopAfter(rig, "/user/vmm/host", turns);

            rig.Steps.Settle(() => rescan.IsCompleted, "the scan");
            Assert.True(rescan.IsCompletedSuccessfully);
        }
    }

    [Fact]
    public void A_late_second_answer_of_the_host_is_not_taken_for_the_next_attach()
    {
        for (var seed = 1; seed < 30; seed++)
        {
            using var rig = new Rig(seed: seed);
            var missing = rig.Steps.Start(() => rig.Space.AttachDeviceAsync("0000:99:00.0"));
            var next = rig.Steps.Start(() => rig.Space.AttachDeviceAsync(Device));
            rig.Steps.Run(2);
            rig.Steps.Time.Advance(TimeSpan.FromSeconds(11), () => { });
            rig.Steps.Settle(() => missing.IsCompleted && next.IsCompleted, "both");

            Assert.Equal(RefusalReason.NoSuchDevice, rig.Do(() => missing).Refusal?.Reason);
            var attached = rig.Do(() => next);
            Assert.True(attached.IsAttached, attached.Refusal?.Words);
        }
    }

    private static void StopAfter(Rig rig, string actor, int turns)
    {
        rig.Steps.Run(turns);
        if (rig.Steps.Actors.Contains(actor))
        {
            rig.Steps.StopActor(actor);
        }
    }
}
