using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Sysfs;

/// <summary>A tree of directories, attributes and links, as under /sys. Not thread-safe: its host's gate guards it.</summary>
internal sealed class SysfsTree
{
    /// <summary>KERNEL: the number of links that a path walk follows before it answers ELOOP.</summary>
    private const int MaximumLinks = 40;

    private readonly SysfsNode _root = SysfsNode.Directory();

    public void AddDirectory(string path) => MakeDirectory(Split(path));

    public void AddAttribute(string path, string text) => Put(path, SysfsNode.Attribute(text));

    public void AddLink(string path, string target) => Put(path, SysfsNode.Link(target));

    /// <summary>A link at <paramref name="path"/> that says the way to <paramref name="target"/>, as the kernel writes it: relative.</summary>
    public void LinkTo(string path, string target)
    {
        var from = Split(path);
        var to = Split(target);
        var shared = 0;
        while (shared < from.Length - 1 && shared < to.Length - 1 && from[shared] == to[shared])
        {
            shared++;
        }

        AddLink(path, string.Concat(Enumerable.Repeat("../", from.Length - 1 - shared)) + string.Join('/', to[shared..]));
    }

    /// <summary>Takes an entry and all below it out; false when there is none.</summary>
    public bool Remove(string path)
    {
        var parts = Split(path);
        var parent = Walk(parts[..^1]);
        return parent?.Children?.Remove(parts[^1]) ?? false;
    }

    /// <summary>True when the path names an entry; a link at its end counts whether it leads anywhere or not.</summary>
    public bool Has(string path) => Find(path, followLast: false).IsOk;

    /// <summary>The text of an attribute, trimmed, or null when there is none.</summary>
    public string? TextOrNull(string path) => Find(path).Value?.Text?.Trim();

    /// <summary>Names in a directory; empty when there is none.</summary>
    public IReadOnlyList<string> Names(string path) => Find(path).Value?.Children?.Keys.ToList() ?? [];

    /// <summary>The node at a path, links on the way followed.</summary>
    public SysResult<SysfsNode> Find(string path, bool followLast = true) => Resolve(path, followLast, out _);

    /// <summary>The path, without links, of what <paramref name="path"/> leads to; null when it leads nowhere.</summary>
    public string? Canonical(string path) => Resolve(path, followLast: true, out var canonical).IsOk ? canonical : null;

    private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private SysResult<SysfsNode> Resolve(string path, bool followLast, out string canonical)
    {
        var rest = new Stack<string>(Split(path).Reverse());
        var here = new Stack<(string Name, SysfsNode Node)>();
        var links = 0;
        canonical = "";
        while (rest.TryPop(out var part))
        {
            var wrong = part switch
            {
                "." or ".." when here.TryPeek(out var at) && at.Node.Children is null => Errno.ENOTDIR,
                "." => Errno.None,
                ".." => here.TryPop(out _) ? Errno.None : Errno.ENOENT,
                _ => Enter(part, rest, here, followLast, ref links),
            };
            if (!wrong.IsNone)
            {
                return wrong;
            }
        }

        canonical = string.Join('/', here.Reverse().Select(step => step.Name));
        return here.TryPeek(out var last) ? last.Node : _root;
    }

    /// <summary>One step down; a link that is to be followed puts its own steps before the rest.</summary>
    private Errno Enter(string part, Stack<string> rest, Stack<(string Name, SysfsNode Node)> here, bool followLast, ref int links)
    {
        var node = here.TryPeek(out var above) ? above.Node : _root;
        if (node.Children is null)
        {
            return Errno.ENOTDIR;
        }

        if (!node.Children.TryGetValue(part, out var child))
        {
            return Errno.ENOENT;
        }

        if (child.Target is not { } target || (!followLast && rest.Count == 0))
        {
            here.Push((part, child));
            return Errno.None;
        }

        if (++links > MaximumLinks)
        {
            return Errno.ELOOP;
        }

        if (target.StartsWith('/'))
        {
            return Errno.ENOENT;
        }

        foreach (var step in Split(target).Reverse())
        {
            rest.Push(step);
        }

        return Errno.None;
    }

    private SysfsNode? Walk(string[] parts)
    {
        var node = _root;
        foreach (var part in parts)
        {
            if (node.Children is null || !node.Children.TryGetValue(part, out var child))
            {
                return null;
            }

            node = child;
        }

        return node;
    }

    private SysfsNode MakeDirectory(string[] parts)
    {
        var node = _root;
        foreach (var part in parts)
        {
            if (node.Children is null)
            {
                throw new InvalidOperationException($"'{string.Join('/', parts)}' lies below something that is not a directory.");
            }

            if (!node.Children.TryGetValue(part, out var child))
            {
                node.Children[part] = child = SysfsNode.Directory();
            }

            node = child;
        }

        return node;
    }

    private void Put(string path, SysfsNode node)
    {
        var parts = Split(path);
        var parent = MakeDirectory(parts[..^1]);
        if (parent.Children is null)
        {
            throw new InvalidOperationException($"'{path}' lies below something that is not a directory.");
        }

        parent.Children[parts[^1]] = node;
    }
}
