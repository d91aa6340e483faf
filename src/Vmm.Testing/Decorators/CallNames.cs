using System.Reflection;
using Vmm.Iommu.Kernel;

namespace Vmm.Testing.Decorators;

/// <summary>The names of calls, as recordings and faults know them.</summary>
internal static class CallNames
{
    /// <summary>Every request of VFIO and iommufd that there is a number for, by the kernel's name.</summary>
    public static IReadOnlyList<string> Requests { get; } =
    [
        .. RequestsOf(typeof(VfioUapi)),
        .. RequestsOf(typeof(IommufdUapi)),
    ];

    /// <summary>Every call that <see cref="FaultingKernel"/> can let fail.</summary>
    public static IReadOnlyList<string> Devices { get; } = ["open", "close", "eventfd", .. Requests];

    private static IEnumerable<string> RequestsOf(Type uapi) => uapi.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => field.GetValue(null)).OfType<IoctlCode>().Select(code => code.Name).Order(StringComparer.Ordinal);
}
