using Vmm.Contract.Hosts;

namespace Vmm.Contract.Orders;

[Trait("Kernel", "emulated")]
public sealed class EmulatedClosingOrderTests : ClosingOrderContract
{
    protected override IContractHost CreateHost() => new EmulatedContractHost();
}
