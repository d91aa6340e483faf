using System.Text.Json;
using Vmm.Cli.Verbs;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Emulation;

namespace Vmm.Cli.Tests.Verbs;

public sealed class ProbeVerbTests
{
    private const string Card = "0000:01:00.0";

    [Fact]
    public void A_host_that_can_assign_a_device_ends_with_0_and_names_it()
    {
        using var kernel = Kernel("vfio-pci");

        var (code, text) = Run(kernel.ToHostKernel());

        Assert.Equal(0, code);
        Assert.Contains($"type1: can assign {Card}", text, StringComparison.Ordinal);
        Assert.Contains("/dev/vfio/6     opens: 0000:01:00.0; ready", text, StringComparison.Ordinal);
        Assert.Contains("type1v2 yes", text, StringComparison.Ordinal);
        Assert.True(kernel.Census().IsEmpty);
    }

    [Fact]
    public void A_host_that_cannot_ends_with_1_and_the_cures()
    {
        using var kernel = Kernel("e1000e");

        var (code, text) = Run(kernel.ToHostKernel());

        Assert.Equal(1, code);
        Assert.Contains("type1: cannot assign a device", text, StringComparison.Ordinal);
        Assert.Contains("driverctl set-override DEVICE vfio-pci", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_of_a_vm_that_may_not_be_locked_ends_with_1()
    {
        using var kernel = Kernel("vfio-pci");
        kernel.Options.MemlockLimit = 8 << 20;

        Assert.Equal(0, Run(kernel.ToHostKernel()).Code);
        var (code, text) = Run(kernel.ToHostKernel(), "4G");

        Assert.Equal(1, code);
        Assert.Contains("takes 4096 MiB of locked memory, and this process may lock 8 MiB", text, StringComparison.Ordinal);
        Assert.Contains("limit 8 MiB", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_document_has_what_the_text_has()
    {
        using var kernel = Kernel("vfio-pci");

        var (code, text) = Run(kernel.ToHostKernel(), "1G", json: true);

        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        Assert.Equal(0, code);
        Assert.Equal("emulated", root.GetProperty("kernel").GetProperty("name").GetString());
        Assert.True(root.GetProperty("container").GetProperty("opens").GetBoolean());
        Assert.Equal(0, root.GetProperty("apiVersion").GetInt64());
        Assert.Contains(root.GetProperty("extensions").EnumerateArray(), extension => extension.GetProperty("name").GetString() == "type1" && extension.GetProperty("isThere").GetBoolean());
        var type1 = root.GetProperty("paths").EnumerateArray().First();
        Assert.Equal(("type1", true), (type1.GetProperty("name").GetString(), type1.GetProperty("isOpen").GetBoolean()));
        Assert.Equal(1UL << 30, root.GetProperty("lockedMemory").GetProperty("asked").GetUInt64());
        Assert.True(root.GetProperty("lockedMemory").GetProperty("isUnlimited").GetBoolean());
    }

    [Fact]
    public void What_the_process_has_locked_is_unknown_where_no_file_tells()
    {
        using var kernel = Kernel("vfio-pci");
        var silent = kernel.ToHostKernel() with { Proc = new DirectoryProc(Path.Combine(AppContext.BaseDirectory, "no-proc")) };

        Assert.Contains("unknown taken, CAP_IPC_LOCK unknown", Run(silent).Text, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(Run(silent, json: true).Text);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("lockedMemory").GetProperty("locked").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("G")]
    [InlineData("4 G")]
    [InlineData("-1")]
    [InlineData("4GiB")]
    [InlineData("99999999999T")]
    public async Task A_size_that_is_none_is_said_in_one_line(string size)
    {
        var run = await RunningCommand.Of("probe", "--memory", size);
        Assert.Contains("--memory", run.TheOneErrorLine(), StringComparison.Ordinal);
    }

    [FactWithoutVfio]
    public async Task A_machine_without_vfio_is_told_what_to_load()
    {
        var run = await RunningCommand.Of("probe");

        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Contains("modprobe vfio", run.Out, StringComparison.Ordinal);
        Assert.Contains("modprobe iommufd", run.Out, StringComparison.Ordinal);
        Assert.Contains("(linux)", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_documentation_shows_what_an_emulated_host_answers()
    {
        using var kernel = Kernel("vfio-pci");
        kernel.Options.MemlockLimit = 8 << 20;
        var held = kernel.OpenElsewhere("/dev/vfio/7", 4711, "qemu-system-x86");

        var (_, text) = Run(kernel.ToHostKernel(), "4G");

        kernel.Close(held.Descriptor);
        var shown = File.ReadAllText(RepositoryRoot.PathOf("docs", "cli.md")).Replace("\n    ", "\n", StringComparison.Ordinal);
        Assert.True(shown.Contains(text.Trim().ReplaceLineEndings("\n"), StringComparison.Ordinal), $"docs/cli.md does not show this:\n{text}");
    }

    private static EmulatedKernel Kernel(string driver) => new(EmulatedHost.Build(host => host
        .Group(6).Device(Card, driver).Msi()
        .Group(7).Device("0000:02:00.0", driver).Msi()));

    private static (int Code, string Text) Run(HostKernel kernel, string? memory = null, bool json = false)
    {
        using var output = new StringWriter();
        var code = ProbeVerb.Run(new CliConsole(TextReader.Null, output, TextWriter.Null, IsTerminal: false, Width: 160), kernel, memory, json);
        return (code, output.ToString());
    }
}
