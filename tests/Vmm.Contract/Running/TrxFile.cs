using System.Xml.Linq;

namespace Vmm.Contract.Running;

/// <summary>Writes results as a TRX file, with what readers of such files count.</summary>
internal static class TrxFile
{
    private static readonly XNamespace Space = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    public static void Write(string path, TestReport report)
    {
        var results = report.Outcomes.Select(outcome => new XElement(
            Space + "UnitTestResult",
            new XAttribute("testName", outcome.Name),
            new XAttribute("outcome", outcome.Outcome),
            new XAttribute("duration", TimeSpan.FromSeconds((double)outcome.Seconds).ToString("c")),
            outcome.Words.Length == 0
                ? null
                : new XElement(Space + "Output", new XElement(Space + "ErrorInfo", new XElement(Space + "Message", Printable(outcome.Words))))));
        var counters = new XElement(
            Space + "Counters",
            new XAttribute("total", report.Outcomes.Count),
            new XAttribute("executed", report.Passed + report.Failed),
            new XAttribute("passed", report.Passed),
            new XAttribute("failed", report.Failed));
        new XElement(
            Space + "TestRun",
            new XElement(Space + "Results", results),
            new XElement(Space + "ResultSummary", new XAttribute("outcome", report.Failed == 0 ? "Completed" : "Failed"), counters)).Save(path);
    }

    /// <summary>XML has no place for most control characters.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) && c is not '\n' ? '?' : c));
}
