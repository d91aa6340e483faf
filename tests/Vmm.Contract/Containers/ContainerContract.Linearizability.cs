using Vmm.Contract.Hosts;
using Vmm.Contract.Linearizability;

namespace Vmm.Contract.Containers;

/// <content>Histories of several threads, each of whose answers some order explains.</content>
public abstract partial class ContainerContract
{
    private const int Rounds = 300;

    [SkippableTheory]
    [Trait("Requirement", "R0.7")]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(300)]
    public async Task Every_answer_of_four_threads_is_explained_by_one_order_and_kernel_table_and_leases_are_equal(int seed)
    {
        using var opened = Open(DeviceRole.Lone);
        await using var history = new HotHistory(opened, () => OpenMember(DeviceRole.Dma, opened));
        Assert.Null(history.Play(seed, Rounds));
        history.End(opened.Container);
    }

    [SkippableFact]
    public async Task A_table_that_is_read_outside_the_turn_is_caught()
    {
        using var opened = Open(DeviceRole.Lone);
        await using var history = new HotHistory(opened, () => OpenMember(DeviceRole.Dma, opened)) { AnswersFromStaleRead = true };
        Assert.Contains("no order explains this", history.Play(seed: 1, Rounds), StringComparison.Ordinal);
        history.End(opened.Container);
    }
}
