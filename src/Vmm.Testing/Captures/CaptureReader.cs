using System.Text.Json;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Testing.Captures;

/// <summary>Reads captures.</summary>
internal sealed class CaptureReader(string file)
{
    private const string Refused = "refused: ";
    private const ulong PageMask = 0xfff;
    private const ulong TopBit = 1UL << 63;

    public Capture Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = new CaptureNode(file, "", document.RootElement);
            List<CaptureStep> steps = [.. root.List("steps").Select(Step)];
            return steps.Count > 0 ? new Capture(file, steps) : throw root.Wrong("steps", "there is no step", "a capture has at least one view or attach");
        }
        catch (JsonException wrong)
        {
            throw new CaptureFormatException(file, "", $"it is no JSON: {wrong.Message}", "a capture is one JSON object with the key steps", wrong);
        }
    }

    private static CaptureStep Step(CaptureNode step, int index)
    {
        var what = step.Text("do");
        var space = step.Text("space");
        return what switch
        {
            "view" => View(step, index, space),
            "attach" => Attach(step, index, space),
            _ => throw step.Wrong("do", $"\"{what}\" is no step", "a step is view or attach"),
        };
    }

    private static CaptureStep.View View(CaptureNode step, int index, string space)
    {
        var sections = new List<CaptureSection>();
        foreach (var node in step.List("sections"))
        {
            var section = Section(node);
            if (sections is [.., var before] && section.Range.Start <= before.Range.Last)
            {
                throw node.Wrong("start", $"0x{section.Range.Start.Value:x} is not above the section before, which ends at 0x{before.Range.Last.Value:x}", "sections ascend and share no byte");
            }

            sections.Add(section);
        }

        // A view before the first device calls nothing, and says so by leaving the key out.
        return new CaptureStep.View(index, space, step.Has("calls") ? Calls(step) : [], sections);
    }

    private static CaptureStep.Attach Attach(CaptureNode step, int index, string space)
    {
        var backend = step.Text("backend");
        if (backend is not ("legacy" or "iommufd"))
        {
            throw step.Wrong("backend", $"\"{backend}\" is no backend", "a backend is legacy or iommufd");
        }

        var outcome = step.Text("outcome");
        var refusal = outcome.StartsWith(Refused, StringComparison.Ordinal) ? outcome[Refused.Length..]
            : outcome == "attached" ? null
            : throw step.Wrong("outcome", $"\"{outcome}\" is no outcome", "an outcome is attached, or refused: and the words that a client saw");
        return new CaptureStep.Attach(index, space, Calls(step), step.Text("device"), backend, refusal);
    }

    private static List<CapturedCall> Calls(CaptureNode step) => [.. step.List("calls").Select(CaptureCallReader.Read)];

    private static CaptureSection Section(CaptureNode section)
    {
        var (start, last) = (section.Hex("start"), section.Hex("last"));
        if (start > last)
        {
            throw section.Wrong("last", $"0x{last:x} is below the start, 0x{start:x}", "last is the inclusive end");
        }

        var range = IovaRange.FromBounds(start, last);
        var name = section.Has("name") ? section.Text("name") : "";
        var kind = KindOf(section.Text("kind"));
        if (kind is not (SectionKind.Ram or SectionKind.RamDevice))
        {
            return new CaptureSection(range, kind, name, null, false, null);
        }

        if (!section.Has("host") && NeverMapped(start, last))
        {
            return new CaptureSection(range, SectionKind.Io, name, null, false, null);
        }

        var host = section.Hex("host");
        if (range.Length > ulong.MaxValue - host)
        {
            throw section.Wrong("host", $"0x{host:x} and the section's {range.Length} bytes reach past 2^64", "host is the process address of the first byte");
        }

        return new CaptureSection(range, kind, name, section.Has("offset") ? section.Hex("offset") : null, section.Flag("readonly"), host);
    }

    /// <summary>Kinds as <c>info mtree -f</c> writes them; whatever is no memory is trapped, by any name.</summary>
    private static SectionKind KindOf(string word) => (word.StartsWith("nv-", StringComparison.Ordinal) ? word[3..] : word) switch
    {
        "ram" or "rom" => SectionKind.Ram,
        "ramd" => SectionKind.RamDevice,
        "romd" => SectionKind.RomDevice,
        _ => SectionKind.Io,
    };

    /// <summary>QEMU: a BAR whose size the guest reads lies above 2^63, and a piece without a whole page is dropped; both have no address.</summary>
    private static bool NeverMapped(ulong start, ulong last) =>
        (start & TopBit) != 0 || ((UInt128)start + PageMask & ~(UInt128)PageMask) >= ((UInt128)last + 1 & ~(UInt128)PageMask);
}
