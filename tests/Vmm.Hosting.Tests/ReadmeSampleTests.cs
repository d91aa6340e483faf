#region usings of the README
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vmm.Actors.Client;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Testing.Emulation;
#endregion

namespace Vmm.Hosting.Tests;

public sealed class ReadmeSampleTests
{
    private const int LongestSample = 25;

    [Fact]
    public async Task The_sample_of_the_readme_runs()
    {
        #region sample of the README
        using var kernel = new EmulatedKernel(EmulatedHost.Load("configs/hosts/q35-vtd.tar.gz"));
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddVmm(o => o.UseEmulatedKernel(kernel));
        using var host = builder.Build();
        await host.StartAsync();

        var ram = RamBlock.Allocate(kernel, "pc.ram", 64 << 20);
        var memory = await host.Services.GetRequiredService<IVmm>().CreateAddressSpaceAsync("memory");
        await memory.CommitViewAsync(new FlatView([new(IovaRange.FromLength(0, ram.Length), SectionKind.Ram, ram.Name, 0, false, ram, 0)]));
        kernel.Host.BindToVfio("0000:01:00.0");
        var attach = await memory.AttachDeviceAsync("0000:01:00.0");
        Console.WriteLine(attach.IsAttached ? $"in container {attach.Binding.Container}" : attach.Refusal.Words);
        kernel.DmaWrite("0000:01:00.0", new Iova(0x1000), "what a device sends"u8);
        Console.WriteLine(Encoding.UTF8.GetString(ram.Bytes(0x1000, 19)));
        await host.StopAsync();
        #endregion

        Assert.True(attach.IsAttached);
        Assert.Equal("what a device sends", Encoding.UTF8.GetString(ram.Bytes(0x1000, 19)));
        ram.Retire();
        Assert.Equal("nothing", kernel.Census().ToString());
    }

    [Fact]
    public void The_readme_shows_what_runs_here_and_no_more_than_25_lines()
    {
        var source = File.ReadAllLines("ReadmeSampleTests.cs");
        var shown = Block(File.ReadAllLines("README.md"));

        // What stands in the namespace Vmm.Hosting.Tests needs no using for Vmm.Hosting; a reader's program does.
        var usings = Region(source, "usings of the README").ToList();
        usings.Insert(usings.IndexOf("using Vmm.Iommu.Addressing;"), "using Vmm.Hosting;");
        Assert.Equal([.. usings, "", .. Region(source, "sample of the README")], shown);
        Assert.InRange(shown.Length, 1, LongestSample);
    }

    private static string[] Block(string[] readme) =>
        [.. readme.SkipWhile(line => line != "<!-- sample -->").SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```")];

    private static IEnumerable<string> Region(string[] source, string name)
    {
        var lines = source.SkipWhile(line => line.Trim() != $"#region {name}").ToList();
        var indent = lines[0].Length - lines[0].TrimStart().Length;
        return lines.Skip(1).TakeWhile(line => line.Trim() != "#endregion").Select(line => line.Length > indent ? line[indent..] : line);
    }
}
