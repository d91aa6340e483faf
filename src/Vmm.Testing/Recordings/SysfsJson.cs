using System.Text.Json;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Recordings;

/// <summary>A tree of sysfs as JSON: empty directories as a list, texts and links by their paths.</summary>
internal static class SysfsJson
{
    private const string Directories = "directories";
    private const string Texts = "texts";
    private const string Links = "links";

    /// <summary>Writes a tree as the value of a key.</summary>
    public static void Write(Utf8JsonWriter json, string key, SysfsTree tree)
    {
        List<(string Path, SysfsNode Node)> nodes = [.. Below(tree, "")];
        json.WriteStartObject(key);
        json.WriteStartArray(Directories);
        foreach (var (path, _) in nodes.Where(entry => entry.Node.Children is { Count: 0 }))
        {
            json.WriteStringValue(path);
        }

        json.WriteEndArray();
        Write(json, Texts, nodes.Where(entry => entry.Node.Text is not null).Select(entry => (entry.Path, entry.Node.Text!)));
        Write(json, Links, nodes.Where(entry => entry.Node.Target is not null).Select(entry => (entry.Path, entry.Node.Target!)));
        json.WriteEndObject();
    }

    /// <summary>Reads a tree.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static SysfsTree Read(JsonElement value)
    {
        var tree = new SysfsTree();
        try
        {
            foreach (var path in value.GetProperty(Directories).EnumerateArray())
            {
                tree.AddDirectory(path.GetString()!);
            }

            foreach (var text in value.GetProperty(Texts).EnumerateObject())
            {
                tree.AddAttribute(text.Name, text.Value.GetString()!);
            }

            foreach (var link in value.GetProperty(Links).EnumerateObject())
            {
                tree.AddLink(link.Name, link.Value.GetString()!);
            }

            return tree;
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new FormatException("the host is no tree of sysfs", wrong);
        }
    }

    /// <summary>The tree as bytes; equal trees have equal ones.</summary>
    public static byte[] Bytes(SysfsTree tree)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Write(json, "host", tree);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>A tree of its own with the same contents.</summary>
    public static SysfsTree Copy(SysfsTree tree)
    {
        using var document = JsonDocument.Parse(Bytes(tree));
        return Read(document.RootElement.GetProperty("host"));
    }

    private static void Write(Utf8JsonWriter json, string key, IEnumerable<(string Path, string Value)> entries)
    {
        json.WriteStartObject(key);
        foreach (var (path, value) in entries)
        {
            json.WriteString(path, value);
        }

        json.WriteEndObject();
    }

    private static IEnumerable<(string Path, SysfsNode Node)> Below(SysfsTree tree, string path)
    {
        foreach (var name in tree.Names(path))
        {
            var at = path.Length == 0 ? name : $"{path}/{name}";
            var node = tree.Find(at, followLast: false).Value!;
            yield return (at, node);
            foreach (var below in node.Children is null ? [] : Below(tree, at))
            {
                yield return below;
            }
        }
    }
}
