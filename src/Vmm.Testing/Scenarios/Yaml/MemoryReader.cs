using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Testing.Scenarios.Running;

namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>Views, sections and edits of views.</summary>
internal static class MemoryReader
{
    // What a file in memory can span beside everything else of a process.
    private const ulong MostMemory = 1UL << 46;

    internal static SpaceScript Space(string name, YamlValue value)
    {
        var map = value.Map("map", "space", "sections", "holes", "viommu");
        return new SpaceScript(name, Memory(map))
        {
            Holes = map.Find("holes") is { } holes ? RulesReader.Ranges(holes) : [],
            HasGuestIommu = map.Find("viommu")?.Bool() ?? false,
        };
    }

    private static MemoryScript Memory(YamlValue value) => Memory(value.Map("map", "space", "sections"));

    private static MemoryScript Memory(YamlMap map)
    {
        var (kind, content) = map.One("map", "sections");
        if (kind == "sections")
        {
            return map.Find("space") is { } odd
                ? throw odd.Error("stands beside sections", "space names an address space inside a map file")
                : new MemoryScript { Sections = Sections(content) };
        }

        var script = new MemoryScript { Map = Paths.Existing(content), MapSpace = map.Find("space")?.Text("write the name after AS") ?? "memory" };
        CheckMap(content, script);
        return script;
    }

    // A map that cannot be used is found before any scenario has begun.
    private static void CheckMap(YamlValue value, MemoryScript script)
    {
        try
        {
            _ = ScriptedView.Of(script);
        }
        catch (Exception wrong) when (wrong is FormatException or IOException or UnauthorizedAccessException)
        {
            throw value.Error(wrong.Message.TrimEnd('.'), "name a file that holds what \"info mtree -f\" prints, and an address space of it", wrong);
        }
    }

    internal static List<ViewEdit> Edits(YamlValue value)
    {
        var edits = value.OneOrList().Select(Edit).ToList();
        return edits.Count > 0 ? edits : throw value.Error("no change", "write at least one of set, add, remove, shadow");
    }

    private static ViewEdit Edit(YamlValue value)
    {
        var (kind, content) = value.Map("set", "add", "remove", "shadow").One("set", "add", "remove", "shadow");
        return kind switch
        {
            "set" => new ViewEdit.Set(Memory(content)),
            "add" => new ViewEdit.Add([.. content.OneOrList().Select(Section)]),
            "remove" => new ViewEdit.Remove(content.Range()),
            _ => Shadow(content),
        };
    }

    private static ViewEdit.Shadow Shadow(YamlValue value)
    {
        var map = value.Map("range", "readonly", "name", "offset");
        return new ViewEdit.Shadow(
            map.Get("range", "START-LAST").Range(),
            map.Get("readonly", "true or false").Bool(),
            map.Find("name")?.Text("write the name of the RAM"),
            map.Find("offset")?.Number());
    }

    private static List<SectionScript> Sections(YamlValue value)
    {
        var sections = value.List("write a list of sections").Select(Section).OrderBy(section => section.Range).ToList();
        foreach (var (before, after) in sections.Zip(sections.Skip(1)))
        {
            if (before.Range.Overlaps(after.Range))
            {
                throw value.Error($"{before.Name} at {before.Range} overlaps {after.Name} at {after.Range}", "sections share no byte");
            }
        }

        return sections;
    }

    private static SectionScript Section(YamlValue value)
    {
        var map = value.Map("range", "start", "size", "last", "kind", "name", "offset", "readonly", "backing", "bar");
        var (kind, readOnly) = map.Get("kind", "ram, rom, ramd, romd, protected, iommu or io").Word(
            ("ram", (SectionKind.Ram, false)),
            ("rom", (SectionKind.Ram, true)),
            ("ramd", (SectionKind.RamDevice, false)),
            ("romd", (SectionKind.RomDevice, true)),
            ("protected", (SectionKind.ProtectedRam, false)),
            ("iommu", (SectionKind.Iommu, false)),
            ("io", (SectionKind.Io, false)));
        var bar = map.Find("bar");
        if (bar is not null && kind != SectionKind.RamDevice)
        {
            throw bar.Error("stands in a section that is no BAR", "write kind: ramd");
        }

        var section = new SectionScript(Place(map), kind, map.Get("name", "the memory region's name").Text("write the memory region's name"))
        {
            Offset = map.Find("offset")?.Number() ?? 0,
            ReadOnly = map.Find("readonly")?.Bool() ?? readOnly,
            Backing = map.Find("backing")?.Word(
                ("memory", SectionBacking.Memory),
                ("readonly", SectionBacking.ReadOnlyMemory),
                ("device", SectionBacking.DeviceMemory),
                ("nothing", SectionBacking.Nothing)) ?? SectionBacking.Memory,
            Bar = bar is null ? null : Bar(bar),
        };
        return !section.HasMemory || section.Range.Length + section.Offset <= MostMemory
            ? section
            : throw value.Error($"{section.Name} would reach to 0x{section.Range.Length + section.Offset:x}", $"a memory region has at most 0x{MostMemory:x} bytes here");
    }

    private static IovaRange Place(YamlMap map)
    {
        if (map.Find("range") is { } range)
        {
            return map.Has("start") || map.Has("size") || map.Has("last")
                ? throw range.Error("stands beside start, size or last", "write the range, or start with size or last")
                : range.Range();
        }

        var start = map.Get("start", "the first address, or range: START-LAST").Number();
        var (kind, end) = map.One("size", "last");
        var number = end.Number();
        if (kind == "size")
        {
            return IovaRange.TryFromLength(start, number, out var sized)
                ? sized
                : throw end.Error($"0x{number:x} bytes from 0x{start:x} are empty or end past 2^64-1", "write a size that fits");
        }

        return start <= number
            ? IovaRange.FromBounds(start, number)
            : throw end.Error($"0x{number:x} is below the start 0x{start:x}", "last is the last address, inclusive");
    }

    private static string Bar(YamlValue value)
    {
        var text = value.Text("write DEVICE/NUMBER");
        var slash = text.LastIndexOf('/');
        return slash > 0 && int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var number) && number is >= 0 and <= 5
            ? text
            : throw value.Error($"'{text}' names no BAR", "write DEVICE/NUMBER, such as 0000:01:00.0/0, with a number from 0 to 5");
    }
}
