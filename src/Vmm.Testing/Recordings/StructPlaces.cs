using System.Buffers.Binary;
using Vmm.Iommu.Kernel;

namespace Vmm.Testing.Recordings;

/// <summary>Where structs hold numbers that are this process's own: descriptors and addresses.</summary>
internal static class StructPlaces
{
    private const int IrqHeader = 20;
    private const int HotResetHeader = 12;

    /// <summary>Offsets of descriptors, 4 bytes each.</summary>
    public static IEnumerable<int> DescriptorsIn(string call, byte[] bytes)
    {
        if (call == VfioUapi.GroupSetContainer.Name)
        {
            return Inside(bytes, 0, 1);
        }

        if (call == VfioUapi.DeviceBindIommufd.Name)
        {
            return Inside(bytes, 8, 1);
        }

        if (call == IommufdUapi.IoasMapFile.Name)
        {
            return Inside(bytes, 12, 1);
        }

        if (call == VfioUapi.DeviceSetIrqs.Name && bytes.Length >= IrqHeader)
        {
            var isEvents = (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) & VfioUapi.IrqDataEventfd) != 0;
            return isEvents ? Inside(bytes, IrqHeader, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(16))) : [];
        }

        return call == VfioUapi.DevicePciHotReset.Name && bytes.Length >= HotResetHeader
            ? Inside(bytes, HotResetHeader, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)))
            : [];
    }

    /// <summary>Offsets of an address and of the length of what lies there, 8 bytes each; null where there is none.</summary>
    public static (int Address, int Length)? AddressIn(string call, byte[] bytes) =>
        call == VfioUapi.IommuMapDma.Name && bytes.Length >= 32 ? (8, 24)
        : call == IommufdUapi.IoasMap.Name && bytes.Length >= 32 ? (16, 24)
        : null;

    /// <summary>True for a call whose value is a new descriptor.</summary>
    public static bool GivesDescriptor(string call, byte[] bytes)
    {
        const uint DmaBuf = VfioUapi.FeatureGet | VfioUapi.FeatureDmaBuf;
        return call == VfioUapi.GroupGetDeviceFd.Name
            || (call == VfioUapi.DeviceFeature.Name && bytes.Length >= 8
                && (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) & (VfioUapi.FeatureGet | VfioUapi.FeatureProbe | VfioUapi.FeatureMask)) == DmaBuf);
    }

    private static IEnumerable<int> Inside(byte[] bytes, int first, uint count)
    {
        for (var at = first; count > 0 && at + sizeof(int) <= bytes.Length; at += sizeof(int), count--)
        {
            yield return at;
        }
    }
}
