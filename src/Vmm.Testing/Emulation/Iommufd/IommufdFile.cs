using System.Buffers.Binary;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>An open /dev/iommu: what every request is tested for before it is answered.</summary>
internal sealed class IommufdFile(KernelState kernel) : OpenFile
{
    public const string Node = "/dev/iommu";
    private const uint First = 0x3b80;
    private const uint NumberMask = 0xff;
    private const int LargestStruct = 48;

    /// <summary>Bytes of a request's struct, and how many of them a caller has to have; by number from the first.</summary>
    private static readonly (byte Size, byte Minimum)[] Sizes =
    [
        (8, 8), (12, 12), (24, 24), (40, 40), (32, 32), (40, 40), (24, 24), (24, 24), (12, 12), (48, 24), (40, 32),
        (16, 16), (48, 48), (32, 32), (16, 16), (40, 40), (40, 24), (24, 24), (8, 8), (32, 28), (40, 40),
    ];

    public override string Path => Node;

    public IommufdContext Context { get; } = new(kernel);

    protected override void Close() => Context.Put();

    public override SysResult Ioctl(uint request, IoctlArgument argument)
    {
        var number = (request & NumberMask) - (First & NumberMask);
        if ((request & NumberMask) < (First & NumberMask) || number >= kernel.Options.Personality.IommufdRequests)
        {
            return CompatRequests.Answer(Context, request, argument);
        }

        // KERNEL: the size is read before it is known whether there is such a request.
        if (argument.Bytes.Length < sizeof(uint))
        {
            return Errno.EFAULT;
        }

        var size = BinaryPrimitives.ReadUInt32LittleEndian(argument.Bytes);
        var (known, minimum) = Sizes[(int)number];
        if (request != First + number)
        {
            return Errno.ENOTTY;
        }

        if (size < minimum)
        {
            return Errno.EINVAL;
        }

        if (size > argument.Bytes.Length)
        {
            return Errno.EFAULT;
        }

        var given = argument.Bytes[..(int)size];
        if (size > known && given[known..].ContainsAnyExcept((byte)0))
        {
            return Errno.E2BIG;
        }

        Span<byte> fields = stackalloc byte[LargestStruct];
        given[..Math.Min(known, given.Length)].CopyTo(fields);
        return IommufdCommands.Answer(number, new IommufdCommand(Context, fields[..known], argument));
    }
}
