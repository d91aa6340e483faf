using Vmm.Contract.Hosts;

namespace Vmm.Contract.Orders;

[Trait("Kernel", "emulated")]
public sealed class EmulatedIoasClosingOrderTests : IoasClosingOrderContract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost();
}
