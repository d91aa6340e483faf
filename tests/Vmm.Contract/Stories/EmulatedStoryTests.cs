using Vmm.Contract.Hosts;

namespace Vmm.Contract.Stories;

[Trait("Kernel", "emulated")]
public sealed class EmulatedStoryTests : StoryContract
{
    protected override IContractHost Host(string needed) => new EmulatedContractHost();
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedAmdViStoryTests : StoryContract
{
    protected override IContractHost Host(string needed) => new EmulatedContractHost(Platform.AmdVi);
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedVtd39StoryTests : StoryContract
{
    protected override IContractHost Host(string needed) => new EmulatedContractHost(Platform.Vtd39);
}
