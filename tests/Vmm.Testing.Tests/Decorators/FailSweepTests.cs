using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Decorators;

public sealed class FailSweepTests
{
    [Theory]
    [InlineData(1, 1, new[] { 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData(1, 3, new[] { 1, 4, 7 })]
    [InlineData(2, 3, new[] { 2, 5 })]
    [InlineData(8, 3, new[] { 7 })]
    public void Calls_fail_at_even_steps_from_a_first_one_on(int first, int step, int[] struck)
    {
        const int Calls = 7;
        var failed = new List<int>();
        using var kernel = new EmulatedKernel(EmulatedHost.Build(host => host.Group(1).Device("0000:01:00.0", "vfio-pci")));
        var sweep = new FailSweep { Errnos = [Errno.ENOMEM], Moments = [FaultMoment.BeforeEffect], First = first, Step = step };

        var result = sweep.Run("seven events", trial =>
        {
            var faults = new FaultingKernel(kernel.ToHostKernel());
            trial.Arm(faults);
            var opened = Enumerable.Range(0, Calls).Select(_ => faults.CreateEvent()).ToList();
            trial.Disarm();
            failed.AddRange(opened.Index().Where(call => !call.Item.IsOk).Select(call => call.Index + 1));
            opened.FindAll(call => call.IsOk).ForEach(call => kernel.Close(call.Descriptor));
            return [];
        });

        Assert.Equal(struck, failed);
        Assert.Equal((Calls, struck.Length), (result.Calls, result.Trials));
    }
}
