using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>The public surface of an assembly as text: one line a type, one line a member, in an order that no edit of a source file changes.</summary>
internal static class ApiText
{
    private static readonly SymbolDisplayFormat TypeFormat = new(
        globalNamespaceStyle: SymbolDisplayGlobalNamespaceStyle.Omitted,
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints | SymbolDisplayGenericsOptions.IncludeVariance,
        memberOptions: SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType,
        delegateStyle: SymbolDisplayDelegateStyle.NameAndSignature,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName,
        kindOptions: SymbolDisplayKindOptions.IncludeTypeKeyword,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat MemberFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeAccessibility | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeConstantValue,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        extensionMethodStyle: SymbolDisplayExtensionMethodStyle.StaticMethod,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeExtensionThis,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The text of a built assembly.</summary>
    public static string Of(string assemblyFile)
    {
        var reference = MetadataReference.CreateFromFile(assemblyFile);
        var compilation = CSharpCompilation.Create("api", references: [.. PlatformReferences(Path.GetFileName(assemblyFile)), reference]);
        return Of((IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(reference)!);
    }

    /// <summary>The text of an assembly in memory.</summary>
    public static string Of(IAssemblySymbol assembly)
    {
        var text = new StringBuilder();
        foreach (var type in Types(assembly.GlobalNamespace).OrderBy(type => type.ToDisplayString(), StringComparer.Ordinal))
        {
            text.Append(Modifiers(type)).Append(type.ToDisplayString(TypeFormat)).Append(Parents(type)).Append('\n');
            foreach (var member in Members(type))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>What the running test could load, but for one file.</summary>
    public static IEnumerable<MetadataReference> PlatformReferences(string except = "") =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Concat(Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
            .Where(file => Path.GetFileName(file) != except && File.Exists(file))
            .DistinctBy(Path.GetFileName)
            .Select(file => MetadataReference.CreateFromFile(file));

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol scope) =>
        scope.GetMembers().SelectMany(member => member switch
        {
            INamespaceSymbol inner => Types(inner),
            INamedTypeSymbol type when IsVisible(type) => Types(type).Prepend(type),
            _ => [],
        });

    private static IEnumerable<string> Members(INamedTypeSymbol type)
    {
        if (type.TypeKind is TypeKind.Delegate or TypeKind.Enum)
        {
            return type.GetMembers().OfType<IFieldSymbol>()
                .Where(field => field.HasConstantValue)
                .OrderBy(field => Convert.ToDecimal(field.ConstantValue))
                .ThenBy(field => field.Name, StringComparer.Ordinal)
                .Select(field => $"{field.Name} = {field.ConstantValue}");
        }

        return type.GetMembers()
            .Where(member => member is not INamedTypeSymbol && IsVisible(member) && !IsGenerated(member))
            .Where(member => member is not IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove })
            .Where(member => member is not IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: 0, ContainingType.TypeKind: TypeKind.Struct })
            .Select(member => member.ToDisplayString(MemberFormat))
            .Order(StringComparer.Ordinal);
    }

    private static string Modifiers(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Class, IsStatic: true } => "static ",
        { TypeKind: TypeKind.Class, IsAbstract: true } => "abstract ",
        { TypeKind: TypeKind.Class, IsSealed: true } => "sealed ",
        _ => "",
    };

    private static string Parents(INamedTypeSymbol type)
    {
        var parents = type.Interfaces
            .Where(parent => parent.DeclaredAccessibility == Accessibility.Public)
            .Select(parent => parent.ToDisplayString(MemberFormat))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (type is { TypeKind: TypeKind.Class, BaseType.SpecialType: SpecialType.None })
        {
            parents.Insert(0, type.BaseType.ToDisplayString(MemberFormat));
        }
        else if (type is { TypeKind: TypeKind.Enum, EnumUnderlyingType: { } underlying })
        {
            return " : " + underlying.ToDisplayString(MemberFormat);
        }

        return parents.Count == 0 || type.TypeKind == TypeKind.Delegate ? "" : " : " + string.Join(", ", parents);
    }

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
        || symbol is IMethodSymbol { ExplicitInterfaceImplementations.Length: > 0, ContainingType.TypeKind: TypeKind.Interface };

    // Equality, printing and cloning of records are said by 'IEquatable' in the type's line.
    private static bool IsGenerated(ISymbol member) =>
        member.Name == "<Clone>$" || member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "CompilerGeneratedAttribute")
        || member is IPropertySymbol { Name: "EqualityContract" };
}
