using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation.Iommufd;

/// <summary>An emulated kernel with one /dev/iommu open, and the calls that tests make of it, with the bytes written by hand.</summary>
internal sealed class IommufdRig : IDisposable
{
    public const ulong Page = 0x1000;
    public const uint Fixed = IommufdUapi.MapFixedIova;
    public const uint ReadWrite = IommufdUapi.MapReadable | IommufdUapi.MapWriteable;
    public const uint FixedReadWrite = Fixed | ReadWrite;
    public const ulong Top = 0xffff_ffff_ffff;

    public static readonly IovaRange[] BelowAndAboveMsi = [IovaRange.FromBounds(0, 0xfedf_ffff), IovaRange.FromBounds(0xfef0_0000, Top)];

    private readonly Rig _rig;

    public IommufdRig(Action<EmulatedHostBuilder>? build = null, EmulatedKernelOptions? options = null)
    {
        _rig = new Rig(build, options);
        File = _rig.Open("/dev/iommu");
    }

    public Rig Rig => _rig;

    public EmulatedKernel Kernel => _rig.Kernel;

    public KernelCensus Census => Kernel.Census();

    /// <summary>The /dev/iommu that calls go to.</summary>
    public int File { get; set; }

    /// <summary>size, then 32-bit words.</summary>
    public static byte[] Words(params uint[] words)
    {
        var bytes = new byte[4 * (words.Length + 1)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        for (var index = 0; index < words.Length; index++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + (4 * index)), words[index]);
        }

        return bytes;
    }

    public static uint Low(ulong value) => (uint)value;

    public static uint High(ulong value) => (uint)(value >> 32);

    public static uint Word(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset));

    public static ulong Long(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(offset));

    public Errno Call(IoctlCode code, byte[] bytes) => Kernel.Ioctl(File, code, bytes).Errno;

    public uint Ioas()
    {
        var bytes = Words(0, 0);
        Assert.Equal(Errno.None, Call(IommufdUapi.IoasAlloc, bytes));
        return Word(bytes, 8);
    }

    public Errno Destroy(uint id) => Call(IommufdUapi.Destroy, Words(id));

    public (Errno Errno, ulong Iova) Map(uint ioas, uint flags, ulong address, ulong length, ulong iova, uint reserved = 0)
    {
        var bytes = Words(flags, ioas, reserved, Low(address), High(address), Low(length), High(length), Low(iova), High(iova));
        var errno = Call(IommufdUapi.IoasMap, bytes);
        return (errno, Long(bytes, 32));
    }

    /// <summary>A fixed map for reading and writing.</summary>
    public Errno MapAt(uint ioas, ulong address, ulong length, ulong iova) => Map(ioas, FixedReadWrite, address, length, iova).Errno;

    public (Errno Errno, ulong Iova) MapFile(uint ioas, uint flags, int file, ulong start, ulong length, ulong iova)
    {
        var bytes = Words(flags, ioas, (uint)file, Low(start), High(start), Low(length), High(length), Low(iova), High(iova));
        var errno = Call(IommufdUapi.IoasMapFile, bytes);
        return (errno, Long(bytes, 32));
    }

    public (Errno Errno, ulong Iova) Copy(uint destination, uint source, uint flags, ulong length, ulong to, ulong from)
    {
        var bytes = Words(flags, destination, source, Low(length), High(length), Low(to), High(to), Low(from), High(from));
        var errno = Call(IommufdUapi.IoasCopy, bytes);
        return (errno, Long(bytes, 24));
    }

    public (Errno Errno, ulong Length) Unmap(uint ioas, ulong iova, ulong length)
    {
        var bytes = Words(ioas, Low(iova), High(iova), Low(length), High(length));
        var errno = Call(IommufdUapi.IoasUnmap, bytes);
        return (errno, Long(bytes, 16));
    }

    public (Errno Errno, uint Count, ulong Alignment, IovaRange[] Ranges) Ranges(uint ioas, uint room = 16)
    {
        var bytes = Words(ioas, room, 0, 0, 0, 0, 0);
        var buffer = new byte[room * 16];
        var errno = Kernel.Ioctl(File, IommufdUapi.IoasIovaRanges, bytes, 16, buffer).Errno;
        var count = Word(bytes, 8);
        var ranges = Enumerable.Range(0, (int)Math.Min(count, room)).Select(index => IovaRange.FromBounds(Long(buffer, index * 16), Long(buffer, (index * 16) + 8)));
        return (errno, count, Long(bytes, 24), errno.IsNone || errno == Errno.EMSGSIZE ? [.. ranges] : []);
    }

    public Errno Allow(uint ioas, params (ulong Start, ulong Last)[] ranges)
    {
        var buffer = new byte[ranges.Length * 16];
        for (var index = 0; index < ranges.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(index * 16), ranges[index].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan((index * 16) + 8), ranges[index].Last);
        }

        return Kernel.Ioctl(File, IommufdUapi.IoasAllowIovas, Words(ioas, (uint)ranges.Length, 0, 0, 0), 16, buffer).Errno;
    }

    public (Errno Errno, ulong Value) Option(uint option, ushort op, uint target, ulong value = 0)
    {
        var bytes = Words(option, op, target, Low(value), High(value));
        var errno = Call(IommufdUapi.Option, bytes);
        return (errno, Long(bytes, 16));
    }

    public (Errno Errno, uint Id) VfioIoas(ushort op, uint id = 0)
    {
        var bytes = Words(id, op);
        var errno = Call(IommufdUapi.VfioIoas, bytes);
        return (errno, Word(bytes, 4));
    }

    public (Errno Errno, uint Id) Hwpt(uint device, uint target, uint flags = 0)
    {
        var bytes = Words(flags, device, target, 0, 0, 0, 0, 0, 0, 0, 0);
        var errno = Call(IommufdUapi.HwptAlloc, bytes);
        return (errno, Word(bytes, 16));
    }

    /// <summary>The node of a device, opened.</summary>
    public int Cdev(string name) => _rig.Open($"/dev/vfio/devices/vfio{Kernel.Host.Device(name).VfioIndex}");

    public (Errno Errno, uint Id) Bind(int cdev, int? file = null)
    {
        var bytes = Words(0, (uint)(file ?? File), 0, 0, 0);
        var errno = Kernel.Ioctl(cdev, VfioUapi.DeviceBindIommufd, bytes).Errno;
        return (errno, Word(bytes, 12));
    }

    public (Errno Errno, uint Id) Attach(int cdev, uint target)
    {
        var bytes = Words(0, target, 0);
        var errno = Kernel.Ioctl(cdev, VfioUapi.DeviceAttachIommufdPt, bytes).Errno;
        return (errno, Word(bytes, 8));
    }

    public Errno Detach(int cdev) => Kernel.Ioctl(cdev, VfioUapi.DeviceDetachIommufdPt, Words(0, 0)).Errno;

    /// <summary>A device, bound.</summary>
    public (int Cdev, uint Id) Bound(string name)
    {
        var cdev = Cdev(name);
        var (errno, id) = Bind(cdev);
        Assert.Equal(Errno.None, errno);
        return (cdev, id);
    }

    /// <summary>A device, bound and attached; the id is that of its page table.</summary>
    public (int Cdev, uint Table) Attached(string name, uint target)
    {
        var (cdev, _) = Bound(name);
        var (errno, table) = Attach(cdev, target);
        Assert.Equal(Errno.None, errno);
        return (cdev, table);
    }

    public void Dispose() => _rig.Dispose();
}
