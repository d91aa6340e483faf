using Vmm.Contract.Hosts;

namespace Vmm.Contract.Platforms;

[Trait("Kernel", "emulated")]
public sealed class EmulatedVtd48PlatformTests : PlatformContract
{
    protected override IContractHost CreateHost(string needed, out Platform platform) => new EmulatedContractHost(platform = Platform.Vtd48);
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedVtd39PlatformTests : PlatformContract
{
    protected override IContractHost CreateHost(string needed, out Platform platform) => new EmulatedContractHost(platform = Platform.Vtd39);
}

[Trait("Kernel", "emulated")]
public sealed class EmulatedAmdViPlatformTests : PlatformContract
{
    protected override IContractHost CreateHost(string needed, out Platform platform) => new EmulatedContractHost(platform = Platform.AmdVi);
}

[Trait("Kernel", "linux")]
public sealed class LinuxPlatformTests : PlatformContract
{
    protected override IContractHost CreateHost(string needed, out Platform platform)
    {
        Machine.Needs(needed);
        Skip.If(Platform.OfGuest is null, "LAB_GUEST names no platform whose IOMMU is known (tests/Vmm.Lab/run does)");
        platform = Platform.OfGuest!;
        return new LinuxContractHost();
    }
}
