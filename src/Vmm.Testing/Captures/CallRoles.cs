using System.Globalization;
using Vmm.Iommu.Kernel;

namespace Vmm.Testing.Captures;

/// <summary>Tells what the descriptors of one run stand for. Numbers are used again; asking for the API version is the first thing done with a new container.</summary>
/// <param name="place">Where a process address of that run lies.</param>
/// <param name="fileAt">Where an offset of a file lies; a capture does not tell.</param>
internal sealed class CallRoles(Func<ulong, HostPlace?> place, Func<int, ulong, HostPlace?> fileAt)
{
    private const string ContainerNode = "/dev/vfio/vfio";
    private readonly Dictionary<int, string> _containers = [];
    private readonly Dictionary<string, string> _ioases = new(StringComparer.Ordinal);
    private int _count;

    public ReplayedCall Of(CapturedCall call)
    {
        if (call.Name == VfioUapi.GetApiVersion.Name)
        {
            _containers.Remove(call.Descriptor);
        }

        if (call["ioas"] is { } ioas)
        {
            var mapped = call["vaddr"] is { } user ? place(Number(user)) : call["file"] is { } file ? fileAt(int.Parse(file, CultureInfo.InvariantCulture), Number(call["file_offset"]!)) : null;
            var rest = call.Fields.Where(field => field.Key is not ("ioas" or "file") && (field.Key != "vaddr" || mapped is null));
            return new ReplayedCall(call.Name, call.Path, IoasRole(ioas), call.Result, call.Errno, [.. rest], mapped);
        }

        var address = call["vaddr"];
        var host = address is null ? null : place(Number(address));
        var fields = call.Fields.Where(field => field.Key != "vaddr" || host is null).Select(field => field.Key == "container" ? new("container", RoleOf(field.Value)) : field);
        return new ReplayedCall(call.Name, call.Path, RoleOf(call.Path, call.Descriptor), call.Result, call.Errno, [.. fields], host);
    }

    private static ulong Number(string hex) => ulong.Parse(hex.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>IOASes are counted as something is mapped in them. Ids are used again, and nothing tells when, so one that comes back is taken for the same.</summary>
    private string IoasRole(string id)
    {
        if (!_ioases.TryGetValue(id, out var role))
        {
            _ioases[id] = role = $"ioas {_ioases.Count + 1}";
        }

        return role;
    }

    private string RoleOf(string text)
    {
        var (path, descriptor) = CaptureCallReader.Descriptor(text);
        return RoleOf(path, descriptor);
    }

    private string RoleOf(string path, int descriptor)
    {
        if (path != ContainerNode)
        {
            return path.StartsWith("/dev/vfio/", StringComparison.Ordinal) ? $"group {path["/dev/vfio/".Length..]}" : path;
        }

        if (!_containers.TryGetValue(descriptor, out var role))
        {
            _containers[descriptor] = role = $"container {++_count}";
        }

        return role;
    }
}
