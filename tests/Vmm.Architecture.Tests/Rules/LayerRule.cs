using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>In Vmm.Iommu a file uses lower layers and its own folder; the backends under Containers never see each other.</summary>
internal static class LayerRule
{
    private const string Domain = "Vmm.Iommu.";

    /// <summary>Folder of Vmm.Iommu to layer.</summary>
    public static IReadOnlyDictionary<string, int> Layers { get; } = new Dictionary<string, int>
    {
        ["Addressing"] = 0,
        ["Results"] = 0,
        ["Kernel"] = 1,
        ["GuestMemory"] = 2,
        ["Reserved"] = 2,
        ["Topology"] = 3,
        ["Mappings"] = 3,
        ["AddressSpaces"] = 3,
        ["Pinning"] = 4,
        ["Containers"] = 4,
        ["Planning"] = 5,
        ["HotPath"] = 6,
    };

    public static IEnumerable<Violation> Check(SourceFile file)
    {
        var own = file.Folder.Split('/');
        if (!Layers.TryGetValue(own[0], out var layer))
        {
            return [new(file.Path, 0, $"the folder '{own[0]}' has no layer: put the file into one of {string.Join(", ", Layers.Keys)}")];
        }

        return Names(file)
            .Select(use => (use.Place, Reason: Refusal(own, layer, use.Name.Split('.'))))
            .Where(use => use.Reason is not null)
            .Select(use => file.At(use.Place, use.Reason!))
            .DistinctBy(violation => (violation.Line, violation.Message));
    }

    private static string? Refusal(string[] own, int layer, string[] used)
    {
        if (used[0] == own[0])
        {
            return own[0] == "Containers" && Backend(used) is { } other && other != own.ElementAtOrDefault(1)
                ? $"Containers/{other} is seen by nobody else under Containers: move what both need to Containers or below"
                : null;
        }

        return Layers.TryGetValue(used[0], out var lower) && lower >= layer
            ? $"{own[0]} (layer {layer}) may not use {used[0]} (layer {lower}): move the shared part down, or this file up"
            : null;
    }

    // Backends are folders; a type directly in Containers has a name that is no folder of ours.
    private static string? Backend(string[] used) =>
        used.Length > 1 && used[1] is "Type1" or "Iommufd" or "SpaprTce" or "NoIommu" ? used[1] : null;

    /// <summary>What the file names below Vmm.Iommu: using lines, and qualified names in code.</summary>
    private static IEnumerable<(SyntaxNode Place, string Name)> Names(SourceFile file)
    {
        foreach (var node in file.Syntax.DescendantNodes())
        {
            var text = node switch
            {
                UsingDirectiveSyntax directive => directive.NamespaceOrType.ToString(),
                QualifiedNameSyntax name when name.Parent is not (QualifiedNameSyntax or BaseNamespaceDeclarationSyntax or UsingDirectiveSyntax) => name.ToString(),
                MemberAccessExpressionSyntax access when access.Parent is not MemberAccessExpressionSyntax => access.ToString(),
                _ => "",
            };
            text = text.Replace("global::", "", StringComparison.Ordinal);
            if (text.StartsWith(Domain, StringComparison.Ordinal))
            {
                yield return (node, text[Domain.Length..]);
            }
            else if (node is QualifiedNameSyntax && Layers.ContainsKey(text.Split('.')[0]))
            {
                // Inside namespace Vmm.Iommu.X the name Y.Z is Vmm.Iommu.Y.Z.
                yield return (node, text);
            }
        }
    }
}
