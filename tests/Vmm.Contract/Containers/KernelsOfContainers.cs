using Vmm.Contract.Hosts;

namespace Vmm.Contract.Containers;

[Trait("Kernel", "emulated")]
public sealed class EmulatedType1Tests : Type1Contract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost();
}

[Trait("Kernel", "linux")]
public sealed class LinuxType1Tests : Type1Contract
{
    protected override IContractHost CreateHost()
    {
        Machine.Needs(Machine.Type1);
        return new LinuxContractHost();
    }
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedIommufdTests : IommufdContract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost();
}

[Trait("Kernel", "linux")]
public sealed class LinuxIommufdTests : IommufdContract
{
    protected override IContractHost CreateHost()
    {
        Machine.Needs(Machine.Iommufd);
        return new LinuxContractHost();
    }
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedType1InfoTests : Type1InfoContract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost();
}

[Trait("Kernel", "linux")]
public sealed class LinuxType1InfoTests : Type1InfoContract
{
    protected override IContractHost CreateHost()
    {
        Machine.Needs(Machine.Type1);
        return new LinuxContractHost();
    }
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedNoIommuTests : NoIommuContract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost();
}

[Trait("Kernel", "linux")]
public sealed class LinuxNoIommuTests : NoIommuContract
{
    protected override IContractHost CreateHost()
    {
        Machine.Needs(Machine.NoIommu);
        return new LinuxContractHost();
    }
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedAmdViType1Tests : Type1Contract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost(Platform.AmdVi);
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedAmdViIommufdTests : IommufdContract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost(Platform.AmdVi);
}
