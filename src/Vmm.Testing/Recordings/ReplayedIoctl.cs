using System.Buffers.Binary;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Recordings;

/// <summary>Makes a recorded ioctl again and compares value, errno, struct and buffer, byte by byte.</summary>
internal sealed class ReplayedIoctl(EmulatedKernel kernel, ProcessPlaces places)
{
    private const int HwInfoCapabilities = 28;

    /// <summary>Makes it.</summary>
    /// <exception cref="FormatException">The line has no bytes to make it with.</exception>
    public ReplayedAnswer Make(RecordedLine line)
    {
        var call = line.Call;
        var bytes = call.Bytes ?? throw new FormatException($"'{call.Call}' is no call that can be made again: its bytes are missing");
        var request = new IoctlCode(bytes.Number, call.Call, bytes.HasSize);
        var on = places[line.Descriptor].Number;
        if (bytes.Before is null)
        {
            return ReplayedAnswer.Of(call, kernel.Ioctl(on, request, line.Value("arg")));
        }

        var expected = (byte[])bytes.After!.Clone();
        var argument = Translated(call, bytes.Before, expected);
        var before = (byte[])argument.Clone();
        var buffer = (byte[]?)bytes.BufferBefore?.Clone();
        var here = bytes.PointerAt < 0 ? kernel.Ioctl(on, request, argument) : kernel.Ioctl(on, request, argument, bytes.PointerAt, buffer);
        var gives = here.IsOk && call.IsOk && StructPlaces.GivesDescriptor(call.Call, bytes.Before);
        if (gives)
        {
            places.Open((int)call.Result, new(OpenedBy.Devices, here.Descriptor));
        }

        var isEqual = call.Errno == here.Errno
            && (gives || call.Result == here.Value)
            && Compared(call.Call, expected).SequenceEqual(Compared(call.Call, argument))
            && (buffer is null || call.Call == IommufdUapi.GetHwInfo.Name || buffer.AsSpan().SequenceEqual(bytes.BufferAfter));
        return new ReplayedAnswer(
            isEqual,
            Words(request, new SysResult(call.Result, call.Errno), before, expected, bytes.BufferBefore, bytes.BufferAfter),
            Words(request, here, before, argument, bytes.BufferBefore, buffer));
    }

    // The registers of an IOMMU are what it is made of; the emulated one has those of one model.
    private static ReadOnlySpan<byte> Compared(string call, byte[] bytes) =>
        call == IommufdUapi.GetHwInfo.Name && bytes.Length > HwInfoCapabilities ? bytes.AsSpan(0, HwInfoCapabilities) : bytes;

    /// <summary>The struct with this process's numbers in it; in the expected answer they take the places of those that came back as they went in.</summary>
    private byte[] Translated(KernelCall call, byte[] recorded, byte[] expected)
    {
        var argument = (byte[])recorded.Clone();
        foreach (var at in StructPlaces.DescriptorsIn(call.Call, recorded))
        {
            var number = BinaryPrimitives.ReadInt32LittleEndian(recorded.AsSpan(at));
            BinaryPrimitives.WriteInt32LittleEndian(argument.AsSpan(at), number < 0 ? number : places[number].Number);
            Put(argument, recorded, expected, at, sizeof(int));
        }

        if (StructPlaces.AddressIn(call.Call, recorded) is { } place)
        {
            var (address, length) = (BinaryPrimitives.ReadUInt64LittleEndian(recorded.AsSpan(place.Address)), BinaryPrimitives.ReadUInt64LittleEndian(recorded.AsSpan(place.Length)));
            BinaryPrimitives.WriteUInt64LittleEndian(argument.AsSpan(place.Address), AddressOf(address, length, call.IsOk));
            Put(argument, recorded, expected, place.Address, sizeof(ulong));
        }

        return argument;
    }

    private static void Put(byte[] argument, byte[] recorded, byte[] expected, int at, int length)
    {
        if (recorded.AsSpan(at, length).SequenceEqual(expected.AsSpan(at, length)))
        {
            argument.AsSpan(at, length).CopyTo(expected.AsSpan(at));
        }
    }

    /// <summary>Memory that was there before the recording began has something stand in for it, where the kernel took it.</summary>
    private ulong AddressOf(ulong recorded, ulong length, bool wasTaken)
    {
        if (places.AddressOf(recorded) is { } here)
        {
            return here;
        }

        if (!wasTaken || length is 0 or > long.MaxValue)
        {
            return recorded;
        }

        var stand = kernel.Map(length, MappingProtection.ReadWrite, MappingSharing.Anonymous, -1, 0);
        if (!stand.IsOk)
        {
            return recorded;
        }

        places.Map(recorded, (ulong)stand.Value, length);
        return (ulong)stand.Value;
    }

    private static string Words(IoctlCode request, SysResult result, byte[] before, byte[] after, byte[]? bufferBefore, byte[]? bufferAfter)
    {
        var fields = StructFields.Changed(StructFields.Of(request, before), StructFields.Of(request, after));
        var changed = fields.Select(field => $"{field.Key}={field.Value}");
        if (fields.Count == 0 && !before.AsSpan().SequenceEqual(after))
        {
            changed = changed.Append($"bytes={Convert.ToHexStringLower(after)}");
        }

        if (bufferAfter is not null && !bufferAfter.AsSpan().SequenceEqual(bufferBefore))
        {
            changed = changed.Append($"buffer={Convert.ToHexStringLower(bufferAfter)}");
        }

        return string.Join(' ', changed.Prepend(result.ToString()));
    }
}
