using Vmm.Iommu.Kernel;
using Vmm.Lab.Histories;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Running;

/// <summary>Two emulated kernels on two hosts of one build; the second one may be decorated. For the run itself to be tested.</summary>
internal sealed class EmulatedBench : Bench
{
    private readonly EmulatedKernel[] _kernels;

    /// <param name="arena">The memory.</param>
    /// <param name="build">Builds one host.</param>
    /// <param name="shape">What histories name on it.</param>
    /// <param name="decorate">What is put around the second kernel.</param>
    public EmulatedBench(Arena arena, Func<EmulatedHost> build, MachineShape shape, Func<HostKernel, HostKernel> decorate)
    {
        _kernels = [new EmulatedKernel(build()), new EmulatedKernel(build())];
        foreach (var kernel in _kernels)
        {
            arena.DeclareTo(kernel);
        }

        First = new Side(_kernels[0].ToHostKernel(), arena, shape, new EmulatedLimits(_kernels[0]));
        Second = new Side(decorate(_kernels[1].ToHostKernel()), arena, shape, new EmulatedLimits(_kernels[1]));
    }

    /// <inheritdoc/>
    public override Side First { get; }

    /// <inheritdoc/>
    public override Side Second { get; }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var kernel in _kernels)
        {
            kernel.Dispose();
        }
    }
}
