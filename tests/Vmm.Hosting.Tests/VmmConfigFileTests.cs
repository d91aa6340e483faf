using System.Text;
using Vmm.Iommu.Planning;

namespace Vmm.Hosting.Tests;

public sealed class VmmConfigFileTests
{
    [Fact]
    public void Every_key_is_read()
    {
        var options = Parse("""
            // a comment
            {
              "kernel": "emulated", "host": "x.tar.gz",
              "commandTimeout": "00:02:00", "stopTimeout": "00:00:05",
              "mode": "qemu", "populate": false, "ringCapacity": 64, /* another */ "watchHost": false, "rescanDelay": "00:00:01",
            }
            """);

        var expected = new VmmOptions
        {
            Kernel = "emulated",
            Host = "x.tar.gz",
            CommandTimeout = TimeSpan.FromMinutes(2),
            StopTimeout = TimeSpan.FromSeconds(5),
            Mode = MappingPlanMode.Qemu,
            Populate = false,
            RingCapacity = 64,
            WatchHost = false,
            RescanDelay = TimeSpan.FromSeconds(1),
        };
        Assert.Equal(expected, options);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'{', (byte)'\n', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { (byte)'{', (byte)'\n', (byte)'"', (byte)'h', (byte)'o', (byte)'s', (byte)'t', (byte)'"', (byte)':', (byte)'"', 0xe9, (byte)'"', (byte)'}' })]
    public void Text_that_is_no_utf8_is_refused_with_its_line(byte[] json) =>
        Assert.Equal("f.json:2: has text that is no UTF-8; save the file as UTF-8", Assert.Throws<VmmConfigException>(() => VmmConfigFile.Parse(json, "f.json")).Message);

    [Theory]
    [InlineData("commandTimeout")]
    [InlineData("stopTimeout")]
    public void A_wait_that_no_timer_can_hold_is_refused(string key) =>
        Assert.Contains($"{key}: '9999.00:00:00' is above a day", Assert.Throws<VmmConfigException>(() => Parse($"{{ \"{key}\": \"9999.00:00:00\" }}")).Message, StringComparison.Ordinal);

    [Fact]
    public void Keys_left_out_have_their_defaults() =>
        Assert.Equal(new VmmOptions { Kernel = "linux" }, Parse("{ \"kernel\": \"linux\" }"));

    [Fact]
    public void The_sample_of_every_key_is_taken_and_is_its_default()
    {
        foreach (var key in VmmOptionKeys.All)
        {
            var options = new VmmOptions();
            Assert.Null(key.Set(options, key.Sample.Trim('"')));
            Assert.True(!key.HasDefault || options == new VmmOptions(), key.Name);
        }
    }

    [Fact]
    public void Every_property_but_the_source_of_the_kernel_is_a_key()
    {
        var properties = typeof(VmmOptions).GetProperties().Select(property => property.Name).Where(name => name != nameof(VmmOptions.KernelSource));

        Assert.Equal(properties.Order(StringComparer.OrdinalIgnoreCase), VmmOptionKeys.All.Select(key => key.Name).Order(StringComparer.Ordinal), StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void There_are_at_most_25_keys() => Assert.InRange(VmmOptionKeys.All.Count, 1, 25);

    [Theory]
    [InlineData("", "f.json:1: is no JSON")]
    [InlineData("[]", "f.json:1: is not an object")]
    [InlineData("{ \"kernel\": \"linux\",\n \"host\": ", "f.json:2: is no JSON")]
    [InlineData("{\n\"kernel\" \"linux\" }", "f.json:2: is no JSON")]
    [InlineData("{ \"kernel\": \"linux\" } {}", "f.json:1: is no JSON")]
    [InlineData("{}", "f.json: kernel: is missing; write \"kernel\": \"linux\"")]
    [InlineData("{ \"kernel\": \"Windows\" }", "f.json:1: kernel: 'Windows' is no kernel; write linux or emulated")]
    [InlineData("{ \"kernel\": \"linux\",\n \"mode\": \"Qemu\" }", "f.json:2: mode: 'Qemu' is no mode; write steady or qemu")]
    [InlineData("{ \"kernel\": \"emulated\" }", "f.json: host: is missing")]
    [InlineData("{ \"kernel\": \"linux\", \"host\": \"x\" }", "f.json: host: is only for the emulated kernel")]
    [InlineData("{ \"kernel\": \"emulated\",\n \"host\": \"\" }", "f.json:2: host: the path is empty")]
    [InlineData("{\n\"kernel\": \"linux\",\n\"rings\": 4 }", "f.json:3: rings: no such key; the keys are kernel, host, ")]
    [InlineData("{\n\"kernel\": \"linux\",\n\"kernel\": \"linux\" }", "f.json:3: kernel: is written twice")]
    [InlineData("{ \"kernel\": [\"linux\"] }", "f.json:1: kernel: takes one value (linux | emulated)")]
    [InlineData("{ \"kernel\": null }", "f.json:1: kernel: takes one value")]
    [InlineData("{ \"kernel\": \"linux\", \"ringCapacity\": 1000000000000 }", "f.json:1: ringCapacity: '1000000000000' is not")]
    [InlineData("{ \"kernel\": \"linux\", \"ringCapacity\": -4 }", "f.json:1: ringCapacity: '-4' is not")]
    [InlineData("{ \"kernel\": \"linux\", \"populate\": \"yes\" }", "f.json:1: populate: 'yes' is neither true nor false")]
    [InlineData("{ \"kernel\": \"linux\", \"watchHost\": 1 }", "f.json:1: watchHost: '1' is neither true nor false")]
    [InlineData("{ \"kernel\": \"linux\", \"commandTimeout\": 10 }", "f.json:1: commandTimeout: '10' is no duration; write hours:minutes:seconds")]
    [InlineData("{ \"kernel\": \"linux\", \"commandTimeout\": \"00:00:00\" }", "f.json:1: commandTimeout: '00:00:00' is not above zero")]
    [InlineData("{ \"kernel\": \"linux\", \"stopTimeout\": \"-00:01:00\" }", "f.json:1: stopTimeout: '-00:01:00' is not above zero")]
    [InlineData("{ \"kernel\": \"linux\", \"rescanDelay\": \"00:00:11\" }", "f.json:1: rescanDelay: '00:00:11' is not between 0 and 10 seconds")]
    public void Bad_input_is_one_line_that_names_file_line_and_key(string json, string start)
    {
        var refusal = Assert.Throws<VmmConfigException>(() => Parse(json));

        Assert.StartsWith(start, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var refusal = Assert.Throws<VmmConfigException>(() => VmmConfigFile.Load("no/such.json"));

        Assert.Equal("no/such.json: cannot be read (no such file); give a readable file such as configs/vmm.json", refusal.Message);
    }

    private static VmmOptions Parse(string json) => VmmConfigFile.Parse(Encoding.UTF8.GetBytes(json), "f.json");
}
