using System.CommandLine;
using System.Globalization;
using Vmm.Cli.Drawing;
using Vmm.Cli.Drawing.Svg;
using Vmm.Cli.Maps;

namespace Vmm.Cli.Verbs;

/// <summary><c>vmm map</c>: draws address spaces, on the terminal or as one SVG file.</summary>
internal static class MapVerb
{
    private const string Remarks = """
        FILE is one of
          a scenario (.yaml)     run on its own host, a picture a step
          a capture (.json)      replayed on --host, or on hosts/capture-host.tar.gz beside its folder, a picture a step
          a memory map (.txt)    what "info mtree -f" prints: each --device is attached on the emulated kernel of --host,
                                 a picture a device; without one, or with --host linux, it is planned and nothing is touched

        A picture shows IOVAs from 0 to 2^64-1, with breaks where nothing is: per container its windows, what is mapped with
        the largest pages that address and offset allow, what is skipped and why, what is reserved and whose; and what the
        step added, removed, changed or churned. Thousands of small mappings stand together, with their number and range.

        Exit codes: 0 drawn; 1 drawn, and a step went otherwise than the scenario or the capture says, or a device of a memory
        map was refused; 2 the file or an option cannot be used. A refusal that the file tells of is no difference.

        """;

    /// <summary>The verb.</summary>
    public static Command Create(CliConsole console)
    {
        var file = new Argument<string>("FILE") { Description = "A scenario, a capture or a memory map." };
        var host = new Option<string?>("--host") { Description = "The host of a capture or a memory map.", HelpName = HostSpec.Shape };
        var devices = new Option<string[]>("--device") { Description = "A device that is to see the memory map; may be given several times, in order.", HelpName = "DEVICE" };
        var seed = new Option<string?>("--seed") { Description = "The order that a scenario runs in; its own unless given.", HelpName = "N" };
        var space = new Option<string?>("--space") { Description = "The address space to draw; all unless given, \"memory\" of a memory map.", HelpName = "NAME" };
        var step = new Option<string?>("--step") { Description = "The step to draw; all unless given.", HelpName = "N" };
        var svg = new Option<string?>("--svg") { Description = "Write one self-contained SVG file instead, a panel a step.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "One JSON document a line instead, a step each." };
        var verb = new Command("map", "Draws address spaces: what is mapped where, what is not and why.") { file, host, devices, seed, space, step, svg, json };
        verb.WithExamples(
            "vmm map configs/scenarios/tour.yaml",
            "vmm map configs/captures/q35-1g-boot-legacy.json --svg boot.svg",
            "vmm map configs/memory-maps/q35-1t.txt --host emulated:configs/hosts/q35-vtd.tar.gz --device 0000:01:00.0").WithRemarks(Remarks);
        verb.SetAction(parsed => Run(
            console,
            new MapRequest(parsed.GetRequiredValue(file))
            {
                Host = HostOf(parsed.GetValue(host)),
                Devices = parsed.GetValue(devices) ?? [],
                Seed = SeedOf(parsed.GetValue(seed)),
                Space = parsed.GetValue(space),
            },
            parsed.GetValue(step),
            parsed.GetValue(svg),
            parsed.GetValue(json)));
        return verb;
    }

    private static int Run(CliConsole console, MapRequest request, string? step, string? svg, bool json)
    {
        if (json && svg is not null)
        {
            throw new CliException("--json stands beside --svg; give one of them");
        }

        var story = MapSource.Read(request).Only(request.Space, step);
        if (svg is not null)
        {
            var page = SvgPage.Of(story);
            AtomicFile.Write(svg, page.Text);
            console.Out.WriteLine($"{svg}: {story.Steps.Count:N0} {(story.Steps.Count == 1 ? "step" : "steps")}, {ByteSize.Of((UInt128)(page.Text.Length + 1023) / 1024 * 1024)}");
        }
        else if (json)
        {
            foreach (var shown in story.Steps)
            {
                JsonOutput.WriteLine(console.Out, MapJson.Of(request.File, shown));
            }
        }
        else
        {
            DrawnLineWriter.Write(console, StoryDrawing.Draw(story, console.Width));
        }

        return story.Steps.All(shown => shown.IsGood) ? ExitCode.Done : ExitCode.Refused;
    }

    private static HostSpec? HostOf(string? text) =>
        text is null ? null : HostSpec.TryParse(text, out var wrong) ?? throw new CliException(wrong!);

    private static int? SeedOf(string? text) =>
        text is null ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed) ? seed
        : throw new CliException($"--seed {text}: is no seed; write a whole number from {int.MinValue} to {int.MaxValue}");
}
