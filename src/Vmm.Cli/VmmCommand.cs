using System.CommandLine;
using Vmm.Cli.Verbs;
using Vmm.Hosting;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Cli;

/// <summary>The command <c>vmm</c>: its verbs, and how each ends.</summary>
internal static class VmmCommand
{
    private const string ExitCodes = "Exit codes: 0 done, 1 refused by a rule, 2 error.";

    /// <summary>The command and its verbs.</summary>
    public static RootCommand Create(CliConsole console)
    {
        var root = new RootCommand($"Keeps a host IOMMU in step with a virtual machine's memory while devices come and go. {ExitCodes}")
        {
            MapVerb.Create(console),
            PlanVerb.Create(console),
            ProbeVerb.Create(console),
            ReplayVerb.Create(console),
            ScenarioVerb.Create(console),
            ServeVerb.Create(console),
            TopologyVerb.Create(console),
        };
        root.WithExamples("vmm scenario configs/scenarios/tour.yaml", "vmm topology --host emulated:configs/hosts/q35-vtd.tar.gz", "vmm serve --config configs/vmm.json");
        ExamplesFirstHelp.Install(root);
        return root;
    }

    /// <summary>Parses and runs a command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliConsole console, CancellationToken cancellationToken)
    {
        var parsed = Create(console).Parse(arguments);
        if (UsageError.Of(parsed) is { } wrong)
        {
            return Fail(console, wrong, ExitCode.Error);
        }

        // No time-out on termination: serve's host handles SIGTERM itself, and the other verbs end at once.
        var invocation = new InvocationConfiguration
        {
            Output = console.Out,
            Error = console.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (CliException end)
        {
            return Fail(console, end.Message, end.ExitCode);
        }
        catch (Exception failure) when (failure is VmmConfigException or HostLoadException or IommuException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            return Fail(console, failure.Message, ExitCode.Error);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Fail(console, "stopped before it was done", ExitCode.Error);
        }
    }

    private static int Fail(CliConsole console, string message, int exitCode)
    {
        console.Error.WriteLine($"vmm: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
