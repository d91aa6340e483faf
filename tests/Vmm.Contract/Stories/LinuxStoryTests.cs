using Vmm.Contract.Hosts;

namespace Vmm.Contract.Stories;

[Trait("Kernel", "linux")]
public sealed class LinuxStoryTests : StoryContract
{
    protected override IContractHost Host(string needed)
    {
        Machine.Needs(needed);
        return new LinuxContractHost();
    }
}
