using Vmm.Contract.Hosts;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Scenarios;

namespace Vmm.Contract.Scenarios;

/// <summary>
/// The shipped scenarios on the kernel of this machine, through the same code as on the emulated one. What cannot run in a guest of the lab is
/// listed with its reason; any other skip is a failure there.
/// </summary>
[Trait("Kernel", "linux")]
[Trait("Requirement", "RX.1")]
public sealed class LinuxScenarioTests
{
    private static readonly IReadOnlyList<ListedRun> Listed = ListedRun.ReadAll();

    // Where this is not a guest of the lab nothing says which device is what, and every test here is skipped.
    private static readonly string Guest = Environment.GetEnvironmentVariable("LAB_GUEST") ?? "";

    public static TheoryData<string, string> Runs
    {
        get
        {
            var runs = new TheoryData<string, string>();
            foreach (var (file, backend) in Listed.Where(IsHere).Select(line => (line.File, line.Backend)).Distinct())
            {
                runs.Add(file, backend);
            }

            return runs;
        }
    }

    [SkippableTheory, MemberData(nameof(Runs))]
    public void A_scenario_goes_on_this_kernel_as_told_or_is_skipped_for_the_reason_listed(string file, string backend)
    {
        Machine.Needs(Machine.Type1);
        var line = ListedRun.Of(Listed, file, backend, Guest);
        Assert.True(line is not null, $"Data/scenarios.txt does not say what comes of {file} by {backend} in {Guest}");
        var scenario = HotplugScenario.Load(Path.Combine(Root(), "configs", "scenarios", file));

        var result = (scenario with { Backend = line.Choice ?? scenario.Backend }).RunOn(new RealMachine(LinuxKernel.Create(), line.Map));

        if (line.Skipped is { } why)
        {
            Assert.True(result.Skipped is not null, $"it is listed as skipped, and ran: {result}");
            Assert.Contains(why, result.Skipped, StringComparison.Ordinal);
        }
        else
        {
            Assert.True(result.Passed, result.ToString());
        }
    }

    [Fact]
    public void Every_shipped_scenario_is_listed() =>
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Root(), "configs", "scenarios"), "*.yaml").Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Listed.Where(line => line.Backend == "own").Select(line => line.File).Distinct().Order(StringComparer.Ordinal));

    private static bool IsHere(ListedRun line) => Guest.Length == 0 || line.Guests is ["*"] || line.Guests.Contains(Guest);

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Vmm.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("No Vmm.sln above the tests.");
    }
}
