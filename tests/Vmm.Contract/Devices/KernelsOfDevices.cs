using Vmm.Contract.Hosts;

namespace Vmm.Contract.Devices;

[Trait("Kernel", "emulated")]
public sealed class EmulatedType1InterruptTests : Type1InterruptContract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost();
}

[Trait("Kernel", "linux")]
public sealed class LinuxType1InterruptTests : Type1InterruptContract
{
    protected override IContractHost CreateHost()
    {
        Machine.Needs(Machine.Type1);
        return new LinuxContractHost();
    }
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedIommufdInterruptTests : IommufdInterruptContract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost();
}

[Trait("Kernel", "linux")]
public sealed class LinuxIommufdInterruptTests : IommufdInterruptContract
{
    protected override IContractHost CreateHost()
    {
        Machine.Needs(Machine.Iommufd);
        return new LinuxContractHost();
    }
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedDriverTests : DriverContract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost();
}

[Trait("Kernel", "linux")]
public sealed class LinuxDriverTests : DriverContract
{
    protected override IContractHost CreateHost()
    {
        Machine.Needs(Machine.Type1);
        return new LinuxContractHost();
    }
}
