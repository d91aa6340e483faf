using Vmm.Actors.Client;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>Whatever actor ends, and whenever: every command is answered, and disposing the VM leaves nothing.</summary>
public class CrashTests
{
    private const string Device = "0000:05:00.0";

    public static TheoryData<string, int, int> Moments()
    {
        var moments = new TheoryData<string, int, int>();
        foreach (var actor in new[] { "/user/vmm/host", "/user/vmm/host/group-5", "/user/vmm/address-space-memory", "/user/vmm/address-space-memory/container-1" })
        {
            foreach (var turns in new[] { 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22 })
            {
                moments.Add(actor, turns, turns);
            }
        }

        return moments;
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public void An_attach_is_answered_whichever_actor_stops_after_so_many_turns(string actor, int turns, int seed)
    {
        using var rig = new Rig(seed: seed);
        rig.Commit(rig.View);

        var attach = rig.Steps.Start(() => rig.Space.AttachDeviceAsync(Device));
        rig.Steps.Run(turns);
        if (rig.Steps.Actors.Contains(actor))
        {
            rig.Steps.StopActor(actor);
        }

        SettleWithTime(rig, attach);

        AssertAnswered(attach);
        var again = rig.Do(() => rig.Space.GetStateAsync());
        Assert.All(again.Containers, container => Assert.Null(container.Degraded));
    }

    [Theory]
    [InlineData("/user/vmm/address-space-memory")]
    [InlineData("/user/vmm/address-space-memory/container-1")]
    public void Mappings_stay_when_an_actor_fails_under_a_running_device(string actor)
    {
        using var rig = new Rig();
        rig.Commit(rig.View);
        rig.Attach(Device);

        rig.Steps.FaultActor(actor);
        var question = rig.Steps.Start(() => rig.Space.GetStateAsync());
        SettleWithTime(rig, question);

        Assert.True(rig.Reaches(Device, 0));
        var state = rig.Do(() => rig.Space.GetStateAsync());
        Assert.Equal([Device], Assert.Single(state.Containers).Devices);
    }

    [Fact]
    public void Without_its_root_a_vm_answers_with_a_fault_and_disposing_it_releases_everything()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);
        rig.Attach(Device);

        rig.Steps.StopActor("/user/vmm");
        rig.Steps.RunToQuiet();

        Assert.Throws<IommuException>(() => rig.Do(() => rig.Space.GetStateAsync()));
    }

    private static void SettleWithTime(Rig rig, Task task)
    {
        for (var tries = 0; tries < 20 && !task.IsCompleted; tries++)
        {
            rig.Steps.RunToQuiet();
            rig.Steps.Advance(TimeSpan.FromSeconds(5));
        }

        rig.Steps.Settle(() => task.IsCompleted, "the command");
    }

    private static void AssertAnswered(Task<AttachOutcome> attach)
    {
        if (attach.IsFaulted)
        {
            Assert.IsType<IommuException>(attach.Exception!.InnerException);
        }
        else
        {
            Assert.True(attach.IsCompletedSuccessfully);
        }
    }
}
