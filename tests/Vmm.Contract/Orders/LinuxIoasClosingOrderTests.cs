using Vmm.Contract.Hosts;

namespace Vmm.Contract.Orders;

[Trait("Kernel", "linux")]
public sealed class LinuxIoasClosingOrderTests : IoasClosingOrderContract
{
    protected override IContractHost CreateHost()
    {
        Machine.Needs(Machine.Iommufd);
        return new LinuxContractHost();
    }
}
