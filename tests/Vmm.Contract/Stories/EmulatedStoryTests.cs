using Vmm.Contract.Hosts;

namespace Vmm.Contract.Stories;

[Trait("Kernel", "emulated")]
public sealed class EmulatedStoryTests : StoryContract
{
    protected override IContractHost Host(string needed) => new EmulatedContractHost();
}
