using Vmm.Testing.Scenarios;

namespace Vmm.Testing.Tests.Scenarios;

/// <summary>Holds docs/scenarios.md to what the reader reads.</summary>
public sealed class ScenarioDocumentTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("scenarios-").FullName;

    private static string Document => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "scenarios.md"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_example_runs_as_printed()
    {
        var example = Document.Split("```yaml")[1].Split("```")[0];
        var result = Read(example).Run();
        Assert.True(result.Passed, result.ToString());
    }

    [Theory]
    [InlineData("unknown: 1")]
    [InlineData("name: x\nhost: {unknown: 1}\nmemory: {sections: []}\nsteps: []")]
    [InlineData("name: x\nhost: {kernel: unknown}\nmemory: {sections: []}\nsteps: []")]
    [InlineData("name: x\nhost: {iommus: [{unknown: 1}]}\nmemory: {sections: []}\nsteps: []")]
    [InlineData("name: x\nhost: {devices: [{unknown: 1}]}\nmemory: {sections: []}\nsteps: []")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: [{unknown: 1}]}\nsteps: []")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: [{start: 0, size: 1, name: x, kind: unknown}]}\nsteps: []")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{unknown: 1}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{attach: {unknown: 1}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {unknown: 1}\nsteps: []")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{attach: {device: a, keep_if: {unknown: 1}}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{attach: {device: a, keep_if: {container: unknown}}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{plan: {unknown: 1}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{rules: {unknown: 1}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{rules: {told_windows: unknown}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{attach: a, expect: {topology: {other: 1}}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{commit: {unknown: 1}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{host: {unknown: 1}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{host: {fail_domains: {unknown: 1}}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{fail: {unknown: 1}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{attach: a, expect: {unknown: 1}}]")]
    [InlineData("name: x\nhost: {devices: [{address: a, bus: unknown}]}\nmemory: {sections: []}\nsteps: []")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{plan: a, expect: {plan: {unknown: 1}}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{plan: a, expect: {plan: {entries: {unknown: 1}}}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{attach: a, expect: {outcome: unknown}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{attach: a, expect: {reason: unknown}}]")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: []\nexpect_end: {unknown: 1}")]
    public void Every_key_that_is_known_is_described(string withUnknown)
    {
        var message = Assert.Throws<ScenarioFormatException>(() => Read(withUnknown)).Message;
        var known = message[(message.IndexOf("known are ", StringComparison.Ordinal) + "known are ".Length)..].Split(", ");

        Assert.All(known, key => Assert.Matches($"[`{{ (]{key}[`,:}}) ]", Document));
    }

    private HotplugScenario Read(string text)
    {
        var file = Path.Combine(_directory, "s.yaml");
        File.WriteAllText(file, text);
        return HotplugScenario.Load(file);
    }
}
