using System.Globalization;
using System.Text.Json.Nodes;
using Vmm.Iommu.Planning;
using Vmm.Testing.Captures;

namespace Vmm.Cli.Replays;

/// <summary>A line of JSON for each call, with the keys that captures have, and one for each step, difference and result.</summary>
internal sealed class ReplayJson(TextWriter output, MappingPlanMode mode) : IReplayReport
{
    private string _file = "";

    public void Begin(Capture capture, string host)
    {
        _file = capture.File;
        JsonOutput.WriteLine(output, new { Kind = "replay", File = _file, Host = host, Mode = mode, Steps = capture.Steps.Count });
    }

    public void Step(ReplayStep step)
    {
        foreach (var call in step.Calls)
        {
            JsonOutput.WriteLine(output, DocumentOf(step.Captured.Index, call));
        }

        JsonOutput.WriteLine(output, new
        {
            Kind = "step",
            Step = step.Captured.Index,
            Asked = ReplayWords.Asked(step.Captured),
            Outcome = ReplayWords.Outcome(step),
            step.Refusal,
            Calls = step.Calls.Count,
            step.LeftOut,
            WithNext = step.IsDeferred,
            Qemu = DocumentOf(step.Qemu),
            Ours = DocumentOf(step.Ours),
        });
        if (step.Difference is { } difference)
        {
            JsonOutput.WriteLine(output, new { Kind = "difference", difference.Step, difference.What, difference.Expected, difference.Ours });
        }
    }

    public void End(ReplayResult result) => JsonOutput.WriteLine(output, new
    {
        Kind = "result",
        File = _file,
        result.Passed,
        result.Left,
        Steps = result.Steps.Count,
        Calls = result.Steps.Sum(step => step.Calls.Count),
        LeftOut = result.Steps.Sum(step => step.LeftOut),
        Qemu = DocumentOf(result.Qemu),
        Ours = DocumentOf(result.Ours),
    });

    private static JsonObject DocumentOf(int step, ReplayedCall call)
    {
        var document = new JsonObject { ["kind"] = "call", ["step"] = step, ["call"] = call.Name, ["fd"] = call.Role, ["ret"] = call.Result };
        if (!call.Errno.IsNone)
        {
            document["errno"] = call.Errno.Number;
        }

        foreach (var (name, value) in call.Fields)
        {
            document[name] = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : value;
        }

        if (call.Host is { } host)
        {
            document["host"] = new JsonObject { ["block"] = host.Block, ["offset"] = $"0x{host.Offset:x}" };
        }

        return document;
    }

    private static object DocumentOf(ReplayFigures figures) => new { figures.Maps, figures.Unmaps, Churn = (ulong)figures.Churn, figures.Entries };
}
