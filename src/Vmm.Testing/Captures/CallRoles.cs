using System.Globalization;
using Vmm.Iommu.Kernel;

namespace Vmm.Testing.Captures;

/// <summary>Tells what the descriptors of one run stand for. Numbers are used again; asking for the API version is the first thing done with a new container.</summary>
/// <param name="place">Where a process address of that run lies.</param>
internal sealed class CallRoles(Func<ulong, HostPlace?> place)
{
    private const string ContainerNode = "/dev/vfio/vfio";
    private readonly Dictionary<int, string> _containers = [];
    private int _count;

    public ReplayedCall Of(CapturedCall call)
    {
        if (call.Name == VfioUapi.GetApiVersion.Name)
        {
            _containers.Remove(call.Descriptor);
        }

        var address = call["vaddr"];
        var host = address is null ? null : place(ulong.Parse(address.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        var fields = call.Fields.Where(field => field.Key != "vaddr" || host is null).Select(field => field.Key == "container" ? new("container", RoleOf(field.Value)) : field);
        return new ReplayedCall(call.Name, call.Path, RoleOf(call.Path, call.Descriptor), call.Result, call.Errno, [.. fields], host);
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
