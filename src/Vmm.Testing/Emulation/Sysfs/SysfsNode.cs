namespace Vmm.Testing.Emulation.Sysfs;

/// <summary>One entry of an emulated sysfs: a directory, an attribute, or a symbolic link.</summary>
internal sealed class SysfsNode
{
    private SysfsNode()
    {
    }

    /// <summary>Entries of a directory in ordinal order; null when it is none.</summary>
    public SortedDictionary<string, SysfsNode>? Children { get; private init; }

    /// <summary>Text of an attribute; null when it is none.</summary>
    public string? Text { get; set; }

    /// <summary>Target of a link; null when it is none.</summary>
    public string? Target { get; private init; }

    public static SysfsNode Directory() => new() { Children = new(StringComparer.Ordinal) };

    public static SysfsNode Attribute(string text) => new() { Text = text };

    public static SysfsNode Link(string target) => new() { Target = target };
}
