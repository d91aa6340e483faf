using Vmm.Contract.Hosts;

namespace Vmm.Contract.Orders;

[Trait("Kernel", "linux")]
public sealed class LinuxClosingOrderTests : ClosingOrderContract
{
    protected override IContractHost CreateHost()
    {
        Machine.Needs(Machine.Type1);
        return new LinuxContractHost();
    }
}
