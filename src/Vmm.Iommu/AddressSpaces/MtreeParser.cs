using System.Globalization;
using System.Text.RegularExpressions;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>Reads what QEMU's monitor prints for <c>info mtree -f</c>.</summary>
public static partial class MtreeParser
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
    private const int PatienceMs = 2_000;
    private const string SectionForm = "a section is \"START-LAST (prio N, KIND): NAME\", START and LAST 16 hexadecimal digits, then \" @OFFSET\" if it does not begin at the region's first byte";
    private const string Kinds = "a kind is ram, rom, ramd, romd, i/o or container, with nv- in front for persistent memory";

    /// <summary>Reads a whole print-out.</summary>
    /// <param name="text">What was printed.</param>
    /// <param name="source">The file that it comes from, for error texts.</param>
    /// <exception cref="FormatException">Something is not as QEMU prints it: names file and line, what is wrong and what is right.</exception>
    public static MtreeMap Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        var views = new List<MtreeView>();
        ViewReading? open = null;
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd();
            if (line.Length == 0 || line.StartsWith("(qemu)", StringComparison.Ordinal))
            {
                continue;
            }

            if (ViewLine().Match(line) is { Success: true } view)
            {
                Close(open, views);
                open = new(source, number, int.Parse(view.Groups["number"].ValueSpan, CultureInfo.InvariantCulture));
            }
            else
            {
                (open ?? throw Error(source, number, $"\"{line.Trim()}\" stands before the first view", "a print-out begins with \"FlatView #0\""))
                    .Take(line, number);
            }
        }

        Close(open, views);
        return views.Count > 0 ? new(source, views) : throw Error(source, number, "there is no view in it", "it is what \"info mtree -f\" prints");
    }

    private static void Close(ViewReading? open, List<MtreeView> views)
    {
        if (open is not null)
        {
            views.Add(open.Done());
        }
    }

    private static FormatException Error(string source, int line, string wrong, string right) => new($"{source}:{line}: {wrong}; {right}");

    // A number may be as long as it likes here: one past 64 bits has an error of its own.
    [GeneratedRegex(@"^\s+(?<start>[0-9a-f]+)-(?<last>[0-9a-f]+) \(prio -?\d+, (?<kind>[^)]+)\): (?<name>.+)$", Options, PatienceMs)]
    private static partial Regex SectionLine();

    [GeneratedRegex(@"^FlatView #(?<number>\d{1,6})$", Options, PatienceMs)]
    private static partial Regex ViewLine();

    [GeneratedRegex("^ AS \"(?<name>.*)\", root: .+$", Options, PatienceMs)]
    private static partial Regex SpaceLine();

    [GeneratedRegex(@"^ Root memory region: (?<name>.+)$", Options, PatienceMs)]
    private static partial Regex RootLine();

    // Behind the name may stand the offset, the accelerator that knows the section, and its owner.
    [GeneratedRegex(@"^(?<name>.+?)(?: @(?<offset>[0-9a-f]+))?(?: (?:KVM|hvf|whpx|nvmm|mshv|xen))?(?: (?:owner|parent):\{.*\})?$", Options, PatienceMs)]
    private static partial Regex NameAndMore();

    private sealed class ViewReading(string source, int line, int number)
    {
        private readonly List<string> _spaces = [];
        private readonly List<MtreeSection> _sections = [];
        private string? _root;
        private bool _isEmpty;

        public void Take(string text, int at)
        {
            if (SpaceLine().Match(text) is { Success: true } space)
            {
                _spaces.Add(space.Groups["name"].Value);
            }
            else if (RootLine().Match(text) is { Success: true } root)
            {
                _root = root.Groups["name"].Value;
            }
            else if (text == "  No rendered FlatView")
            {
                _isEmpty = true;
            }
            else
            {
                Add(SectionAt(text, at));
            }
        }

        public MtreeView Done()
        {
            if (_root is null || _spaces.Count == 0 || (_sections.Count == 0 && !_isEmpty))
            {
                throw Error(
                    source,
                    line,
                    $"FlatView #{number} is cut short",
                    "a view has address spaces, a root memory region, and sections or \"No rendered FlatView\"");
            }

            return new(number, _spaces, _root == "(none)" ? null : _root, _sections);
        }

        private void Add(MtreeSection section)
        {
            if (_sections is [.., var before] && section.Range.Start <= before.Range.Last)
            {
                throw Error(
                    source,
                    section.Line,
                    $"{section.Region} at {section.Range} {(section.Range.Overlaps(before.Range) ? "overlaps" : "comes after")} {before.Region} at {before.Range} of line {before.Line}",
                    "sections ascend and share no byte");
            }

            _sections.Add(section);
        }

        private MtreeSection SectionAt(string text, int at)
        {
            var match = SectionLine().Match(text);
            if (!match.Success)
            {
                throw Error(source, at, $"\"{text.Trim()}\" is no section", SectionForm);
            }

            var start = Number(match.Groups["start"].Value, at);
            var last = Number(match.Groups["last"].Value, at);
            if (start > last)
            {
                throw Error(source, at, $"the section starts at 0x{start:x}, above its last byte 0x{last:x}", "START is at most LAST, which is inclusive");
            }

            var rest = NameAndMore().Match(match.Groups["name"].Value);
            var offset = rest.Groups["offset"].Success ? Number(rest.Groups["offset"].Value, at) : 0;
            var (kind, isReadOnly) = KindOf(match.Groups["kind"].Value, at);
            var section = new MtreeSection(IovaRange.FromBounds(start, last), kind, isReadOnly, rest.Groups["name"].Value, offset, at);
            return !section.HasMemory || section.Range.Length + offset <= ulong.MaxValue
                ? section
                : throw Error(source, at, $"{section.Region} would reach past 2^64 bytes", "offset and length of a section lie inside its region");
        }

        private ulong Number(string digits, int at) =>
            digits.Length < 16 ? throw Error(source, at, $"\"{digits}\" has {digits.Length} digits", SectionForm)
            : ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number
            : throw Error(source, at, $"\"{digits}\" is past 2^64", SectionForm);

        private (SectionKind Kind, bool IsReadOnly) KindOf(string word, int at) =>
            (word.StartsWith("nv-", StringComparison.Ordinal) ? word[3..] : word) switch
            {
                "ram" => (SectionKind.Ram, false),
                "rom" => (SectionKind.Ram, true),
                "ramd" => (SectionKind.RamDevice, false),
                "romd" => (SectionKind.RomDevice, true),
                "i/o" or "container" => (SectionKind.Io, false),
                _ => throw Error(source, at, $"\"{word}\" is no kind of memory", Kinds),
            };
    }
}
