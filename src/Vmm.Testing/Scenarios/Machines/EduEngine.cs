using System.Buffers.Binary;
using System.Diagnostics;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>The DMA engine, buffer and interrupt of QEMU's <c>edu</c> device (1234:11e8), by the registers in its BAR 0.</summary>
internal sealed class EduEngine
{
    /// <summary>What one access may move, in bytes.</summary>
    internal const int Most = 2048;

    private const ulong RaiseRegister = 0x60;
    private const ulong LowerRegister = 0x64;
    private const ulong SourceRegister = 0x80;
    private const ulong TargetRegister = 0x88;
    private const ulong CountRegister = 0x90;
    private const ulong CommandRegister = 0x98;
    private const ulong Start = 1;
    private const ulong ToMemory = 2;
    private const ulong BufferAddress = 0x4_0000;
    private const long CommandOfConfigSpace = 4;
    private const byte MemoryAndBusMaster = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly RamBlock _registers;

    private EduEngine(RamBlock registers) => _registers = registers;

    /// <summary>The engine of an open device; null with the reason where it cannot be driven.</summary>
    internal static EduEngine? TryOpen(AssignedDevice device, string address, out string why)
    {
        var bars = device.MapRegion(0);
        if (!bars.IsOk || bars.Value is not [{ OffsetInRegion: 0, Block: var registers }, ..])
        {
            why = $"BAR 0 of {address} cannot be mapped{(bars.IsOk ? "" : $": {bars.Errno}")}";
            return null;
        }

        try
        {
            // KERNEL: vfio-pci opens a device with bus mastering off; whoever drives it switches it on.
            using var config = File.OpenHandle($"/sys/bus/pci/devices/{address}/config", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.Write(config, [MemoryAndBusMaster, 0], CommandOfConfigSpace);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            why = $"bus mastering of {address} cannot be switched on: {wrong.Message}";
            return null;
        }

        why = "";
        return new EduEngine(registers);
    }

    /// <summary>The device reads memory into its buffer. False when it does not end.</summary>
    internal bool Load(Iova source, int length) => Run(source.Value, BufferAddress, length, Start);

    /// <summary>The device writes its buffer to memory. False when it does not end.</summary>
    internal bool Store(Iova target, int length) => Run(BufferAddress, target.Value, length, Start | ToMemory);

    /// <summary>The device raises its interrupt. INTx stays up until <see cref="Lower"/>.</summary>
    internal void Raise() => Write32(RaiseRegister, 1);

    /// <summary>Tells the device that it was served.</summary>
    internal void Lower() => Write32(LowerRegister, 1);

    private bool Run(ulong source, ulong target, int length, ulong command)
    {
        Write(SourceRegister, source);
        Write(TargetRegister, target);
        Write(CountRegister, (ulong)length);
        Write(CommandRegister, command);

        // The device says that it is done in the command register, and in no other way that needs no interrupt.
        var since = Stopwatch.GetTimestamp();
        while ((BinaryPrimitives.ReadUInt64LittleEndian(_registers.Bytes(CommandRegister, 8)) & Start) != 0)
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                return false;
            }
        }

        return true;
    }

    private void Write32(ulong register, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_registers.Bytes(register, 4), value);

    private void Write(ulong register, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_registers.Bytes(register, 8), value);
}
