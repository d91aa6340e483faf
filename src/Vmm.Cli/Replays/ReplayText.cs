using Vmm.Cli.Drawing;
using Vmm.Iommu.Planning;
using Vmm.Testing.Captures;

namespace Vmm.Cli.Replays;

/// <summary>A line for each step, then a verdict.</summary>
internal sealed class ReplayText(CliConsole console, MappingPlanMode mode) : IReplayReport
{
    private bool IsQemu => mode == MappingPlanMode.Qemu;

    public void Begin(Capture capture, string host)
    {
        Write(($"{capture.File}", Ink.Strong), ($", replayed on {host}, mode {(IsQemu ? "qemu" : "steady")}", Ink.Plain));
        if (!IsQemu)
        {
            Write(($"{"step",6}  {"",-44}{"QEMU: maps",11}{"unmaps",8}{"churn",12}{"ours: maps",13}{"unmaps",8}{"churn",12}", Ink.Faint));
        }
    }

    public void Step(ReplayStep step)
    {
        var asked = $"{step.Captured.Index,6}  {ReplayWords.Asked(step.Captured),-44}";
        Write((IsQemu ? $"{asked}{Verdict(step)}" : $"{asked}{Row(step.Qemu, 11)}{Row(step.Ours, 13)}", step.Difference is null ? Ink.Plain : Ink.Bad));
        if (step.Refusal is { } refusal)
        {
            Write(($"        refused: {refusal}", Ink.Faint));
        }

        if (step.Difference is { } difference)
        {
            Write(($"        {difference.What} differs", Ink.Bad));
            Write(($"          captured: {difference.Expected ?? "nothing more"}", Ink.Plain));
            Write(($"          here:     {difference.Ours ?? "nothing more"}", Ink.Plain));
        }
    }

    public void End(ReplayResult result)
    {
        Write();
        if (!IsQemu)
        {
            Write(($"QEMU: {Sum(result.Qemu)}", Ink.Plain));
            Write(($"ours: {Sum(result.Ours)}", Ink.Strong));
        }

        Write((VerdictOf(result), result.Passed ? Ink.Good : Ink.Bad));
        Write();
    }

    private static string Verdict(ReplayStep step) =>
        step.Difference is not null ? "differs"
        : $"{ReplayWords.Outcome(step)}: {ReplayWords.Calls(step.Calls.Count)}{(step.IsDeferred && step.Calls.Count > 0 ? ", compared with the next step's" : "")}{LeftOut(step.LeftOut)}";

    private string VerdictOf(ReplayResult result)
    {
        var name = Path.GetFileNameWithoutExtension(result.Capture.File);
        if (result.Difference is { } difference)
        {
            return $"{name}: differs at steps[{difference.Step}], {difference.What}";
        }

        if (result.Left is { } left)
        {
            return $"{name}: not all was released: {left}";
        }

        return IsQemu
            ? $"{name}: equal, {result.Steps.Count:N0} steps, {ReplayWords.Calls(result.Steps.Sum(step => step.Calls.Count))}{LeftOut(result.Steps.Sum(step => step.LeftOut))}"
            : $"{name}: every device is taken or refused as in the capture";
    }

    private static string LeftOut(int calls) => calls == 0 ? "" : $" ({calls:N0} more not compared)";

    private static string Row(ReplayFigures figures, int first) =>
        $"{Number(figures.Maps).PadLeft(first)}{Number(figures.Unmaps),8}{(figures.Churn == 0 ? "" : ByteSize.Of(figures.Churn)),12}";

    private static string Number(int count) => count == 0 ? "" : $"{count:N0}";

    private static string Sum(ReplayFigures figures) =>
        $"{figures.Maps:N0} maps, {figures.Unmaps:N0} unmaps, {figures.Churn >> 20:N0} MiB churn, at most {figures.Entries:N0} entries in a container";

    private void Write(params (string Text, Ink Ink)[] pieces) => DrawnLineWriter.Write(console, [new DrawnLine(pieces)]);
}
