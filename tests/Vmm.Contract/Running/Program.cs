using Xunit.Abstractions;
using Xunit.Sdk;

namespace Vmm.Contract.Running;

/// <summary>
/// Runs this assembly's tests in this process and writes a TRX file: <c>Vmm.Contract TRX TRAIT=VALUE [TEXT]</c>, the tests with the
/// trait whose name holds the text. A log beside the TRX file names each test as it starts. Exit code 0 when all passed, 1 when one
/// failed or was skipped or none matched, 2 for a bad command line. <c>Vmm.Contract play KERNEL FILE [MARK]</c> plays a file of stories.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["play", var kernel, var stories, ..])
        {
            return await Playing.RunAsync(kernel, stories, arguments.ElementAtOrDefault(3) ?? "");
        }

        if (arguments is not [var trx, var trait, ..] || trait.Split('=') is not [var name, var value] || arguments.Length > 3)
        {
            await Console.Error.WriteLineAsync("usage: Vmm.Contract TRX TRAIT=VALUE [TEXT], or Vmm.Contract play linux|emulated FILE [MARK]");
            return 2;
        }

        var text = arguments.Length > 2 ? arguments[2] : "";
        using var framework = new XunitTestFramework(new ResultSink());
        var assembly = Reflector.Wrap(typeof(Program).Assembly);
        using var discoverer = framework.GetDiscoverer(assembly);
        using var found = new ResultSink();
        discoverer.Find(includeSourceInformation: false, found, new PlainOptions());
        await found.Ended;

        var wanted = found.Cases.Where(test => HasTrait(test, name, value) && test.DisplayName.Contains(text, StringComparison.Ordinal)).ToList();
        using var executor = framework.GetExecutor(typeof(Program).Assembly.GetName());
        using var started = File.CreateText(Path.ChangeExtension(trx, "log"));
        using var results = new ResultSink(Console.Out, started);
        executor.RunTests(wanted, results, new PlainOptions());
        await results.Ended;

        var report = results.ToReport();
        TrxFile.Write(trx, report);
        await Console.Out.WriteLineAsync($"{report.Passed} passed, {report.Failed} failed, {report.Skipped} skipped");
        return report.Passed > 0 && report.Failed + report.Skipped == 0 ? 0 : 1;
    }

    private static bool HasTrait(ITestCase test, string name, string value) =>
        test.Traits.TryGetValue(name, out var values) && values.Contains(value);
}
