using System.Reflection;
using System.Runtime.CompilerServices;

namespace Vmm.Architecture.Tests;

/// <summary>Writes types and members the way the listing does.</summary>
internal static class AkkaSubsetText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(double)] = "double",
    };

    internal static string FullName(Type type)
    {
        var name = type.IsNested ? FullName(type.DeclaringType!) + "." + type.Name : type.Namespace + "." + type.Name;
        return WithArguments(name, type.GetGenericArguments());
    }

    internal static string ShortName(string fullName)
    {
        var generic = fullName.IndexOf('<', StringComparison.Ordinal);
        var plain = generic < 0 ? fullName : fullName[..generic];
        return fullName[(plain.LastIndexOf('.') + 1)..];
    }

    internal static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (Keywords.TryGetValue(type, out var keyword)) return keyword;
        if (Nullable.GetUnderlyingType(type) is { } value) return Name(value) + "?";
        if (type.IsGenericParameter) return type.Name;
        return WithArguments(type.IsNested ? Name(type.DeclaringType!) + "." + type.Name : type.Name, type.GetGenericArguments());
    }

    internal static string Kind(Type type) => type switch
    {
        _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
        { IsInterface: true } => "interface",
        { IsEnum: true } => "enum",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    internal static string Constructor(ConstructorInfo constructor) => Access(constructor) + "ctor" + Parameters(constructor);

    internal static string Method(MethodInfo method)
    {
        var generics = method.IsGenericMethod ? "<" + string.Join(", ", method.GetGenericArguments().Select(g => g.Name)) + ">" : "";
        return Access(method) + Modifiers(method) + Name(method.ReturnType) + " " + method.Name + generics + Parameters(method) + Constraints(method);
    }

    internal static string Property(PropertyInfo property)
    {
        var get = Visible(property.GetMethod) ? "get; " : "";
        var set = Visible(property.SetMethod) ? "set; " : "";
        var accessor = Visible(property.GetMethod) ? property.GetMethod! : property.SetMethod!;
        return Access(accessor) + Modifiers(accessor) + Name(property.PropertyType) + " " + property.Name + " { " + get + set + "}";
    }

    internal static string Field(FieldInfo field)
    {
        var access = field.IsPublic ? "" : "protected ";
        if (field.IsLiteral) return $"{access}const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}";
        return access + (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "") + Name(field.FieldType) + " " + field.Name;
    }

    /// <summary>Public, or protected so that a subclass elsewhere sees it.</summary>
    internal static bool Visible(MethodBase? method) => method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    /// <summary>Splits at commas that are not inside brackets.</summary>
    internal static List<string> SplitTopLevel(string text)
    {
        var (parts, depth, start) = (new List<string>(), 0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] is '<' or '(') depth++;
            if (i < text.Length && text[i] is '>' or ')') depth--;
            if (i < text.Length && (text[i] != ',' || depth != 0)) continue;
            parts.Add(text[start..i].Trim());
            start = i + 1;
        }
        return parts;
    }

    private static string WithArguments(string name, Type[] arguments)
    {
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : name[..tick] + "<" + string.Join(", ", arguments.Select(Name)) + ">";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodBase method) => method switch
    {
        { IsStatic: true } => "static ",
        { DeclaringType.IsInterface: true } or { IsVirtual: false } or { IsFinal: true } => "",
        { IsAbstract: true } => "abstract ",
        MethodInfo declared when declared.GetBaseDefinition() != declared => "override ",
        _ => "virtual ",
    };

    private static string Parameters(MethodBase method)
    {
        var extension = method.IsDefined(typeof(ExtensionAttribute), inherit: false);
        return "(" + string.Join(", ", method.GetParameters().Select((p, i) => (extension && i == 0 ? "this " : "") + Parameter(p))) + ")";
    }

    private static string Parameter(ParameterInfo parameter)
    {
        var how = parameter.IsOut ? "out " : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        return how + Name(parameter.ParameterType) + " " + parameter.Name + (parameter.HasDefaultValue ? " = " + Default(parameter) : "");
    }

    private static string Default(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null => parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        var value => value.ToString()!,
    };

    private static string Constraints(MethodInfo method) => string.Concat(method.GetGenericArguments().Select(g =>
    {
        var attributes = g.GenericParameterAttributes;
        var all = new List<string>();
        if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) all.Add("class");
        all.AddRange(g.GetGenericParameterConstraints().Select(Name));
        if (attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) all.Add("new()");
        return all.Count == 0 ? "" : $" where {g.Name} : {string.Join(", ", all)}";
    }));
}
