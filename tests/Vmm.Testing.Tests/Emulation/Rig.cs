using System.Buffers.Binary;
using System.Text;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

/// <summary>An emulated kernel on a small host, and the calls that tests make of it, with the bytes written by hand.</summary>
internal sealed class Rig : IDisposable
{
    public const string NetworkCard = "0000:01:00.0";
    public const string Disk = "0000:02:00.0";
    public const string Mediated = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
    public const uint ReadWrite = VfioUapi.MapRead | VfioUapi.MapWrite;

    private readonly List<(HostAddress Address, ulong Length)> _memory = [];

    public Rig(Action<EmulatedHostBuilder>? build = null, EmulatedKernelOptions? options = null)
        : this(EmulatedHost.Build(build ?? Default), options)
    {
    }

    public Rig(EmulatedHost host, EmulatedKernelOptions? options = null) => Kernel = new EmulatedKernel(host, options);

    public EmulatedKernel Kernel { get; }

    public EmulatedHost Host => Kernel.Host;

    public static IovaRange MsiWindow => IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff);

    /// <summary>Two physical devices in groups 1 and 2, each with VT-d's window, and a mediated device in group 7.</summary>
    public static void Default(EmulatedHostBuilder host) => host
        .Group(1).Device(NetworkCard, "vfio-pci", [0x4000, 0, 0x2000_0000]).Msi()
        .Group(2).Device(Disk, "vfio-pci", [0x1000]).Msi()
        .Group(7).Mediated(Mediated);

    public static ReservedRegion Region(ReservedRegionKind kind, ulong start, ulong last) =>
        new(kind, IovaRange.FromBounds(start, last), "test", "test");

    public int Open(string path) => Good(Kernel.Open(path)).Descriptor;

    public int Container() => Open("/dev/vfio/vfio");

    public int Group(int id) => Open($"/dev/vfio/{id}");

    public Errno SetContainer(int group, int container)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, container);
        return Kernel.Ioctl(group, VfioUapi.GroupSetContainer, bytes).Errno;
    }

    public Errno UnsetContainer(int group) => Kernel.Ioctl(group, VfioUapi.GroupUnsetContainer, 0UL).Errno;

    public Errno SetIommu(int container, ulong type) => Kernel.Ioctl(container, VfioUapi.SetIommu, type).Errno;

    public long Extension(int container, ulong extension) => Good(Kernel.Ioctl(container, VfioUapi.CheckExtension, extension)).Value;

    public uint Status(int group)
    {
        var bytes = Struct(8);
        Good(Kernel.Ioctl(group, VfioUapi.GroupGetStatus, bytes));
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4));
    }

    public SysResult Device(int group, string name) =>
        Kernel.Ioctl(group, VfioUapi.GroupGetDeviceFd, Encoding.UTF8.GetBytes(name + "\0").AsSpan());

    /// <summary>A container of a type with the groups in it, in this order.</summary>
    public (int Container, int[] Groups) ReadyAs(ulong type, params int[] groups)
    {
        var container = Container();
        var files = groups.Select(Group).ToArray();
        foreach (var file in files)
        {
            Assert.Equal(Errno.None, SetContainer(file, container));
        }

        Assert.Equal(Errno.None, SetIommu(container, type));
        return (container, files);
    }

    public (int Container, int[] Groups) Ready(params int[] groups) => ReadyAs(VfioUapi.Type1V2, groups);

    /// <summary>Memory of this process that the kernel mapped, one shared file.</summary>
    public ulong Memory(ulong length, MappingProtection protection = MappingProtection.ReadWrite)
    {
        var file = Good(Kernel.CreateMemfd("test", length)).Descriptor;
        var address = new HostAddress((ulong)Good(Kernel.Map(length, protection, MappingSharing.Shared, file, 0)).Value);
        Good(Kernel.CloseMemfd(file));
        _memory.Add((address, length));
        return address.Value;
    }

    public static Span<byte> Bytes(ulong address, int length) =>
        RamBlock.FromExisting("test", new HostAddress(address), (ulong)length).Bytes(0, length);

    public Errno Map(int container, uint flags, ulong address, ulong iova, ulong size) =>
        Kernel.Ioctl(container, VfioUapi.IommuMapDma, Struct(32, flags, address, iova, size)).Errno;

    public (Errno Errno, ulong Size) Unmap(int container, uint flags, ulong iova, ulong size)
    {
        var bytes = Struct(24, flags, iova, size);
        var errno = Kernel.Ioctl(container, VfioUapi.IommuUnmapDma, bytes).Errno;
        return (errno, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)));
    }

    public byte[] Info(int container, int length = 4096)
    {
        var bytes = Struct(length);
        Good(Kernel.Ioctl(container, VfioUapi.IommuGetInfo, bytes));
        return bytes;
    }

    /// <summary>The ranges of GET_INFO; null when the capability is absent.</summary>
    public IovaRange[]? Windows(int container)
    {
        var bytes = Info(container).AsSpan();
        for (var at = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]); at != 0; at = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]))
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) != VfioUapi.CapIovaRange)
            {
                continue;
            }

            var ranges = new IovaRange[BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 8)..])];
            for (var index = 0; index < ranges.Length; index++)
            {
                var here = bytes[(at + 16 + (index * 16))..];
                ranges[index] = IovaRange.FromBounds(BinaryPrimitives.ReadUInt64LittleEndian(here), BinaryPrimitives.ReadUInt64LittleEndian(here[8..]));
            }

            return ranges;
        }

        return null;
    }

    /// <summary>argsz, flags, then 64-bit fields.</summary>
    public static byte[] Struct(int size, uint flags = 0, params ulong[] fields)
    {
        var bytes = new byte[size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), flags);
        for (var index = 0; index < fields.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 + (index * 8)), fields[index]);
        }

        return bytes;
    }

    public static SysResult Good(SysResult result)
    {
        Assert.True(result.IsOk, result.ToString());
        return result;
    }

    public void Dispose()
    {
        foreach (var (address, length) in _memory)
        {
            Kernel.Unmap(address, length);
        }

        Kernel.Dispose();
    }
}
