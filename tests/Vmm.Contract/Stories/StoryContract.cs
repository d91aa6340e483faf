using Vmm.Contract.Hosts;

namespace Vmm.Contract.Stories;

/// <summary>The stories of Data, told to a kernel; afterwards nothing is left of any.</summary>
public abstract class StoryContract
{
    public static TheoryData<Story> States => [.. StoryFile.Read("states.txt")];

    public static TheoryData<Story> Type1Version1 => [.. StoryFile.Read("type1.txt", "v1")];

    public static TheoryData<Story> Type1Version2 => [.. StoryFile.Read("type1.txt", "v2")];

    public static TheoryData<Story> NoIommu => [.. StoryFile.Read("no-iommu.txt")];

    public static TheoryData<Story> Iommufd => [.. StoryFile.Read("iommufd.txt")];

    public static TheoryData<Story> Compatible => [.. StoryFile.Read("compat.txt")];

    public static TheoryData<Story> SelfTests => [.. StoryFile.Read("selftests.txt")];

    public static TheoryData<Story> Devices => [.. StoryFile.Read("devices.txt")];

    public static TheoryData<Story> Dirty => [.. StoryFile.Read("dirty.txt")];

    [SkippableTheory]
    [MemberData(nameof(States), DisableDiscoveryEnumeration = true)]
    [Trait("Requirement", "R0.4")]
    public void Containers_and_groups_answer_as_told(Story story) => Tell(story, Machine.Type1);

    [SkippableTheory]
    [MemberData(nameof(Type1Version1), DisableDiscoveryEnumeration = true)]
    public void Type1_version_1_answers_as_told(Story story) => Tell(story, Machine.Type1);

    [SkippableTheory]
    [MemberData(nameof(Type1Version2), DisableDiscoveryEnumeration = true)]
    public void Type1_version_2_answers_as_told(Story story) => Tell(story, Machine.Type1);

    [SkippableTheory]
    [MemberData(nameof(NoIommu), DisableDiscoveryEnumeration = true)]
    public void A_group_behind_no_iommu_answers_as_told(Story story) => Tell(story, Machine.NoIommu);

    [SkippableTheory]
    [MemberData(nameof(Iommufd), DisableDiscoveryEnumeration = true)]
    public void An_iommufd_answers_as_told(Story story) => Tell(story, Machine.Iommufd);

    [SkippableTheory]
    [MemberData(nameof(Compatible), DisableDiscoveryEnumeration = true)]
    public void An_iommufd_answers_calls_of_type1_as_told(Story story) => Tell(story, Machine.Iommufd);

    [SkippableTheory]
    [MemberData(nameof(SelfTests), DisableDiscoveryEnumeration = true)]
    public void The_cases_of_the_kernels_self_tests_answer_as_told(Story story) => Tell(story, Machine.Iommufd);

    [SkippableTheory]
    [MemberData(nameof(Devices), DisableDiscoveryEnumeration = true)]
    public void Devices_answer_as_told(Story story) => Tell(story, Machine.Type1);

    [SkippableTheory]
    [MemberData(nameof(Dirty), DisableDiscoveryEnumeration = true)]
    public void What_was_written_is_told(Story story) => Tell(story, Machine.Type1);

    /// <summary>The machine; skips the test where it has not what is needed.</summary>
    protected abstract IContractHost Host(string needed);

    private void Tell(Story story, string needed)
    {
        using var host = Host(needed);
        var before = host.Held();
        using (var run = new StoryRun(host))
        {
            run.Play(story);
        }

        Assert.Equal(before, host.Held());
    }
}
