using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>Looks at a descriptor that somebody opened for this process, before it is used as what it is said to be.</summary>
public static class PassedDescriptor
{
    private const string DeviceNodes = "/dev/vfio/devices/";

    /// <summary>Why the descriptor is not an iommufd; null when it is.</summary>
    /// <param name="proc">Where descriptors show.</param>
    /// <param name="descriptor">The descriptor's number.</param>
    public static ContainerRefusal? RefuseUnlessIommufd(IProc proc, int descriptor) =>
        Refuse(proc, descriptor, link => link == VfioCures.IommufdNode, $"{VfioCures.IommufdNode}, opened read-write");

    /// <summary>Why the descriptor is no device of iommufd; null when it is one.</summary>
    /// <param name="proc">Where descriptors show.</param>
    /// <param name="descriptor">The descriptor's number.</param>
    /// <param name="node">The device's node where it is known, such as <c>/dev/vfio/devices/vfio0</c>; null for any.</param>
    public static ContainerRefusal? RefuseUnlessDevice(IProc proc, int descriptor, string? node = null) => Refuse(
        proc,
        descriptor,
        link => node is null ? link.StartsWith(DeviceNodes, StringComparison.Ordinal) : link == node,
        $"{node ?? $"a node below {DeviceNodes}"}, opened read-write");

    /// <summary>Reads a number that a command line or a configuration gives.</summary>
    /// <param name="text">Decimal digits.</param>
    /// <param name="descriptor">The number.</param>
    /// <param name="wrong">What is wrong with the text.</param>
    public static bool TryParse(string text, out int descriptor, [NotNullWhen(false)] out string? wrong)
    {
        wrong = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out descriptor)
            ? null
            : $"'{text}' is no descriptor; write the number that this process inherited it as, such as 3";
        return wrong is null;
    }

    private static ContainerRefusal? Refuse(IProc proc, int descriptor, Func<string, bool> isRight, string right)
    {
        ArgumentNullException.ThrowIfNull(proc);
        var target = string.Create(CultureInfo.InvariantCulture, $"descriptor {descriptor}");
        var link = proc.ReadLink(string.Create(CultureInfo.InvariantCulture, $"self/fd/{descriptor}"));
        if (!link.IsOk)
        {
            var errno = link.Errno == Errno.ENOENT ? Errno.EBADF : link.Errno;
            return new ContainerRefusal("use", target, errno, $"it is not open in this process: pass {right}, without close-on-exec.");
        }

        return isRight(link.Value)
            ? null
            : new ContainerRefusal("use", target, Errno.EBADFD, $"it is {link.Value}: pass {right}.");
    }
}
