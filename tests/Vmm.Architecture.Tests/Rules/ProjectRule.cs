using System.Xml.Linq;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>What a project of src may reference, and the properties that only some may set.</summary>
internal static class ProjectRule
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Vmm.Iommu"] = [],
        ["Vmm.Actors"] = ["Vmm.Iommu", "Akka"],
        ["Vmm.Hosting"] = ["Vmm.Actors", "Vmm.Iommu", "Akka", "Akka.Hosting", "Microsoft.Extensions.Hosting", "Mono.Posix.NETStandard"],
        ["Vmm.Testing"] = ["Vmm.Actors", "Vmm.Iommu", "Akka", "YamlDotNet"],
        ["Vmm.Cli"] = ["Vmm.Hosting", "Vmm.Testing", "System.CommandLine", "Spectre.Console"],
        ["Akka"] = [],
        ["Akka.Hosting"] = ["Akka", "Microsoft.Extensions.Hosting"],
        ["Akka.TestKit.Xunit2"] = ["Akka", "xunit"],
    };

    // The litmus program is compiled from the domain's own sources, and holds stores back by address.
    private static readonly string[] MayBeUnsafe = ["Vmm.Iommu", "Vmm.Testing", "Vmm.Litmus"];

    /// <summary>References of one project file of src.</summary>
    public static IEnumerable<Violation> Check(string path, string xml)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        if (!Arrows.TryGetValue(name, out var allowed))
        {
            return [new(path, 0, "a project that the house does not know: add its arrows to ProjectRule and to the design")];
        }

        return XDocument.Parse(xml, LoadOptions.SetLineInfo).Descendants()
            .Where(e => e.Name.LocalName is "ProjectReference" or "PackageReference" or "AkkaReference" && e.Attribute("Include") is not null)
            .Select(e => (Element: e, Target: Target(e)))
            .Where(reference => !allowed.Contains(reference.Target))
            .Select(reference => new Violation(path, Line(reference.Element), $"{name} may not reference {reference.Target}; it may: {List(allowed)}"));
    }

    /// <summary>Unsafe code is on in two projects of src, and of tests in the one that compiles the domain's sources.</summary>
    public static IEnumerable<Violation> CheckUnsafe(string path, string xml) =>
        MayBeUnsafe.Contains(Path.GetFileNameWithoutExtension(path))
            ? []
            : XDocument.Parse(xml, LoadOptions.SetLineInfo).Descendants("AllowUnsafeBlocks")
                .Select(e => new Violation(path, Line(e), $"unsafe blocks are on in {List(MayBeUnsafe)} only: go through the fence instead"));

    private static string Target(XElement reference)
    {
        var include = reference.Attribute("Include")!.Value;
        return reference.Name.LocalName == "ProjectReference" ? Path.GetFileNameWithoutExtension(include) : include;
    }

    private static int Line(XElement element) => ((System.Xml.IXmlLineInfo)element).LineNumber;

    private static string List(string[] names) => names.Length == 0 ? "nothing" : string.Join(", ", names);
}
