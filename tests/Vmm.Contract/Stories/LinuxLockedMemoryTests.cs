using System.Diagnostics;
using System.Globalization;
using Vmm.Contract.Hosts;

namespace Vmm.Contract.Stories;

/// <summary>The same on a real kernel, in a process of its own: this one may lock as much as it likes.</summary>
[Trait("Kernel", "linux")]
public sealed class LinuxLockedMemoryTests
{
    /// <summary>RLIMIT_MEMLOCK of the stories, in bytes.</summary>
    public const ulong Limit = 16 * 0x1000;

    private const string Programs = "/usr/bin/";

    [SkippableFact]
    public async Task Locked_memory_is_counted_limited_and_given_back()
    {
        Machine.Needs(Machine.Type1);
        Machine.Needs(Machine.Iommufd);
        foreach (var program in new[] { "prlimit", "setpriv" })
        {
            Skip.IfNot(File.Exists(Programs + program), $"{Programs}{program} is not there; it comes with Debian's util-linux");
        }

        var limit = Limit.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(
            $"{Programs}prlimit",
            [
                $"--memlock={limit}:{limit}", $"{Programs}setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock", Environment.ProcessPath!,
                typeof(LinuxLockedMemoryTests).Assembly.Location, "play", "linux", Path.Combine(AppContext.BaseDirectory, "Data", "memlock.txt"),
            ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{await output}{await errors}");
    }
}
