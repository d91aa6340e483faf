using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Topology;

/// <summary>Reads of sysfs that note what is odd and go on. What is not there is null and no problem of its own.</summary>
internal sealed class SysfsAttributes(ISysfs sysfs)
{
    private readonly List<TopologyProblem> _problems = [];

    public IReadOnlyList<TopologyProblem> Problems => _problems;

    public void Note(string path, string wrong, string right, int? line = null) => _problems.Add(new(path, line, wrong, right));

    /// <summary>An attribute without the blanks around it; null when it is missing or cannot be read.</summary>
    public string? Text(string path)
    {
        var read = sysfs.ReadText(path);
        if (read.IsOk)
        {
            return read.Value.Trim();
        }

        NoteUnlessMissing(path, read.Errno);
        return null;
    }

    /// <summary>Names in a directory; null when it is missing or cannot be read.</summary>
    public IReadOnlyList<string>? Names(string path)
    {
        var listed = sysfs.List(path);
        if (listed.IsOk)
        {
            return listed.Value;
        }

        NoteUnlessMissing(path, listed.Errno);
        return null;
    }

    /// <summary>The last name of what a link says; null when it is no link, missing, or says nothing that is a name.</summary>
    public string? LinkName(string path)
    {
        var link = sysfs.ReadLink(path);
        if (!link.IsOk)
        {
            NoteUnlessMissing(path, link.Errno == Errno.EINVAL ? Errno.ENOENT : link.Errno);
            return null;
        }

        var name = link.Value[(link.Value.LastIndexOf('/') + 1)..];
        if (name is not ("" or "." or ".."))
        {
            return name;
        }

        Note(path, $"the link says \"{link.Value}\"", "a link ends in a name");
        return null;
    }

    /// <summary>Where a link leads, as a path below /sys; the path itself when it is no link.</summary>
    public string Resolved(string path)
    {
        var link = sysfs.ReadLink(path);
        if (!link.IsOk)
        {
            return path;
        }

        var parts = new List<string>();
        foreach (var part in $"{Parent(path)}/{link.Value}".Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "." or ".."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    /// <summary>The directory that a path lies in.</summary>
    public static string Parent(string path) => path.LastIndexOf('/') is var at && at < 0 ? string.Empty : path[..at];

    private void NoteUnlessMissing(string path, Errno errno)
    {
        if (errno != Errno.ENOENT)
        {
            Note(path, $"cannot be read: {errno}", "it is readable by whoever runs this");
        }
    }
}
