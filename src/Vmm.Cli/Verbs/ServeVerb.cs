using System.CommandLine;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vmm.Actors.Client;
using Vmm.Cli.Serving;
using Vmm.Hosting;
using Vmm.Testing.Emulation;
using Vmm.Testing.Recordings;

namespace Vmm.Cli.Verbs;

/// <summary><c>vmm serve</c>: the generic host with Vmm in it, until SIGTERM or SIGINT.</summary>
internal static class ServeVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(CliConsole console)
    {
        var config = new Option<string>("--config") { Description = "The configuration; the keys are below.", HelpName = "FILE", Required = true };
        var record = RecordOption.Create();
        var json = new Option<bool>("--json") { Description = "One JSON document a line on standard output: started, stopped." };
        var verb = new Command("serve", "Runs Vmm until SIGTERM or SIGINT, then releases everything in order. Logs go to standard error.")
        {
            config,
            record,
            json,
        };
        verb.WithExamples("vmm serve --config configs/vmm.json", "vmm serve --config configs/vmm.json --json").WithRemarks(Keys());
        verb.SetAction((parsed, cancellationToken) => RecordOption.WithAsync(
            parsed.GetValue(record),
            file => RunAsync(console, parsed.GetRequiredValue(config), file, parsed.GetValue(json), cancellationToken)));
        return verb;
    }

    private static async Task<int> RunAsync(CliConsole console, string path, RecordingFile? recording, bool json, CancellationToken cancellationToken)
    {
        var options = VmmConfigFile.Load(path);
        NameHost(options, path);
        if (recording is not null && options.KernelSource is { } source)
        {
            options.KernelSource = () => recording.Record(source());
        }

        using var host = Build(console, options);
        await host.StartAsync(cancellationToken);
        var topology = await host.Services.GetRequiredService<IVmm>().GetTopologyAsync(cancellationToken);
        var words = $"started on the {options.Kernel} kernel{(options.Host is { } at ? $" of {at}" : "")}: {topology.Groups.Count} IOMMU groups, {topology.Devices.Count} devices";
        Say(console, json, new Started("started", options.Kernel!, options.Host, topology.Groups.Count, topology.Devices.Count), words);
        await host.WaitForShutdownAsync(cancellationToken);
        Say(console, json, new Stopped("stopped"), "stopped, everything is released");
        return ExitCode.Done;
    }

    private static void NameHost(VmmOptions options, string path)
    {
        try
        {
            HostSource.Name(options);
        }
        catch (HostLoadException wrong)
        {
            throw new CliException($"{path}: host: {wrong.Message}", ExitCode.Error, wrong);
        }
    }

    private static IHost Build(CliConsole console, VmmOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<ILoggerProvider>(new LineLoggerProvider(console.Error));

        // What these would log ends the verb with one line anyhow.
        builder.Logging.AddFilter("Microsoft", LogLevel.None).AddFilter("Akka", LogLevel.Warning);
        builder.Services.AddVmm(options);
        return builder.Build();
    }

    private static void Say<T>(CliConsole console, bool json, T document, string words)
    {
        if (json)
        {
            JsonOutput.WriteLine(console.Out, document);
        }
        else
        {
            console.Out.WriteLine(words);
        }

        console.Out.Flush();
    }

    private static string Keys()
    {
        var text = new StringBuilder("Keys of the configuration (configs/vmm.json has all of them; unknown ones are refused):\n");
        foreach (var key in VmmOptionKeys.All)
        {
            text.Append($"  {key.Name,-15} {VmmOptionKeys.Written(key)}\n      {key.Meaning}\n");
        }

        return text.Append('\n').ToString();
    }

    private sealed record Started(string Event, string Kernel, string? Host, int Groups, int Devices);

    private sealed record Stopped(string Event);
}
