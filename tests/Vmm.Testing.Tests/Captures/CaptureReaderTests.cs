using System.Text.Json.Nodes;
using Vmm.Testing.Captures;

namespace Vmm.Testing.Tests.Captures;

/// <summary>What is wrong in a capture is named by file and place.</summary>
public sealed class CaptureReaderTests
{
    public static TheoryData<string, string, string> Wrongs => new()
    {
        { "steps", "null", "f.json: steps: null is not a list; write a list" },
        { "steps[0]", "7", "f.json: steps[0]: it is 7; it is an object" },
        { "steps[0].do", "\"detach\"", "f.json: steps[0].do: \"detach\" is no step; a step is view or attach" },
        { "steps[0].do", "", "f.json: steps[0].do: the key is missing" },
        { "steps[0].space", "", "f.json: steps[0].space: the key is missing" },
        { "steps[0].sections", "", "f.json: steps[0].sections: the key is missing" },
        { "steps[0].sections[0].start", "\"12\"", "f.json: steps[0].sections[0].start: \"12\" is no number of 64 bits" },
        { "steps[0].sections[0].last", "", "f.json: steps[0].sections[0].last: the key is missing" },
        { "steps[0].sections[1].start", "\"0x0\"", "f.json: steps[0].sections[1].start: 0x0 is not above the section before" },
        { "steps[0].sections[0].kind", "3", "f.json: steps[0].sections[0].kind: 3 is not a text" },
        { "steps[1].device", "", "f.json: steps[1].device: the key is missing" },
        { "steps[1].backend", "\"vdpa\"", "f.json: steps[1].backend: \"vdpa\" is no backend; a backend is legacy or iommufd" },
        { "steps[1].outcome", "\"lost\"", "f.json: steps[1].outcome: \"lost\" is no outcome" },
        { "steps[1].calls", "", "f.json: steps[1].calls: the key is missing" },
        { "steps[1].calls[0].call", "\"VFIO_NONSENSE\"", "f.json: steps[1].calls[0].call: \"VFIO_NONSENSE\" is no call that is known here; the calls are" },
        { "steps[1].calls[0].call", "", "f.json: steps[1].calls[0].call: the key is missing" },
        { "steps[1].calls[0].fd", "\"/dev/vfio/6\"", "f.json: steps[1].calls[0].fd: \"/dev/vfio/6\" is no path#number" },
        { "steps[1].calls[0].ret", "-22", "f.json: steps[1].calls[0].ret: -22 is no result of a call" },
        { "steps[1].calls[0].ret", "1.5", "f.json: steps[1].calls[0].ret: 1.5 is no whole number" },
        { "steps[1].calls[0].ret", "-1", "f.json: steps[1].calls[0].errno: the key is missing" },
        { "steps[1].calls[2].arg", "-3", "f.json: steps[1].calls[2].arg: -3 is negative" },
        { "steps[1].calls[3].container", "\"x\"", "f.json: steps[1].calls[3].container: \"x\" is no path#number" },
        { "steps[1].calls[7].out", "\"1800\"", "f.json: steps[1].calls[7].out: the struct is cut short" },
        { "steps[1].calls[7].in", "\"zz\"", "f.json: steps[1].calls[7].in: the bytes are not in hex" },
        { "steps[1].calls[10].host", "", "f.json: steps[1].calls[10].host: the key is missing" },
    };

    [Theory, MemberData(nameof(Wrongs))]
    public void A_wrong_value_is_named_by_its_place(string place, string value, string error)
    {
        var document = CaptureFiles.Read("q35-1g-hotplug-legacy");
        Put(document, place, value);

        var wrong = Assert.Throws<CaptureFormatException>(() => Capture.Parse(document.ToJsonString(), "f.json"));

        Assert.StartsWith(error, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "f.json: it is no JSON")]
    [InlineData("[]", "f.json: it is a list; it is an object")]
    [InlineData("{\"steps\": []}", "f.json: steps: there is no step")]
    [InlineData("{}", "f.json: steps: the key is missing")]
    [InlineData("{\"steps\": [], \"steps\": []}", "f.json: it is no JSON")]
    public void Text_that_is_no_capture_is_refused(string json, string error) =>
        Assert.StartsWith(error, Assert.Throws<CaptureFormatException>(() => Capture.Parse(json, "f.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.StartsWith("absent.json: the file cannot be read", Assert.Throws<CaptureFormatException>(() => Capture.Load("absent.json")).Message, StringComparison.Ordinal);

    /// <summary>Puts a value, or takes the key away where the value is empty.</summary>
    private static void Put(JsonNode document, string place, string value)
    {
        var at = place.LastIndexOfAny(['.', '[']);
        var parent = at < 0 ? document : Find(document, place[..at]);
        var key = place[(at + 1)..].TrimEnd(']');
        if (parent is JsonArray list)
        {
            list[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)] = JsonNode.Parse(value);
        }
        else if (value.Length == 0)
        {
            Assert.True(parent.AsObject().Remove(key));
        }
        else
        {
            parent[key] = JsonNode.Parse(value);
        }
    }

    private static JsonNode Find(JsonNode document, string place) => place.Split('.', '[').Aggregate(
        document, (node, part) => part.EndsWith(']') ? node[int.Parse(part[..^1], System.Globalization.CultureInfo.InvariantCulture)]! : node[part]!);
}
