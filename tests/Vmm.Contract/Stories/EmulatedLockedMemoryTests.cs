using Vmm.Contract.Hosts;
using Vmm.Testing.Emulation;

namespace Vmm.Contract.Stories;

/// <summary>Locked memory with a limit of 16 pages, for a process without CAP_IPC_LOCK.</summary>
[Trait("Kernel", "emulated")]
public sealed class EmulatedLockedMemoryTests
{
    public static TheoryData<Story> Stories => [.. StoryFile.Read("memlock.txt")];

    [Theory]
    [MemberData(nameof(Stories), DisableDiscoveryEnumeration = true)]
    public void Locked_memory_is_counted_limited_and_given_back(Story story)
    {
        using var host = new EmulatedContractHost(Platform.Vtd48, new EmulatedKernelOptions { MemlockLimit = LinuxLockedMemoryTests.Limit });
        var before = host.Held();
        using (var run = new StoryRun(host))
        {
            run.Play(story);
        }

        Assert.Equal(before, host.Held());
    }
}
