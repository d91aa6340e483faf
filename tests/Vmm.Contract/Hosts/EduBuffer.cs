using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;

namespace Vmm.Contract.Hosts;

/// <summary>
/// The buffer and DMA engine of QEMU's <c>edu</c> device (1234:11e8), by the registers in its BAR 0: source, target, count, command; and its interrupt.
/// </summary>
internal sealed class EduBuffer : IDmaBuffer, IInterruptLine
{
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

    private readonly BarMapping _bar;

    public EduBuffer(AssignedDevice device, string address)
    {
        var bars = device.MapRegion(0);
        Assert.True(bars.IsOk, $"BAR 0 of {address} is not mapped: {bars.Errno}");
        _bar = bars.Value[0];

        // KERNEL: vfio-pci opens a device with bus mastering off; whoever drives it switches it on.
        using var config = File.OpenHandle($"/sys/bus/pci/devices/{address}/config", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.Write(config, [MemoryAndBusMaster, 0], CommandOfConfigSpace);
    }

    public void Load(Iova source, int length) => Run(source.Value, BufferAddress, length, Start);

    public void Store(Iova target, int length) => Run(BufferAddress, target.Value, length, Start | ToMemory);

    public void Raise() => Write32(RaiseRegister, 1);

    public void Lower() => Write32(LowerRegister, 1);

    private void Write32(ulong register, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bar.Block.Bytes(register, 4), value);

    private void Run(ulong source, ulong target, int length, ulong command)
    {
        Write(SourceRegister, source);
        Write(TargetRegister, target);
        Write(CountRegister, (ulong)length);
        Write(CommandRegister, command);

        // The device says that it is done in the command register, and in no other way that needs no interrupt.
        var deadline = TimeProvider.System.GetTimestamp();
        while ((BinaryPrimitives.ReadUInt64LittleEndian(_bar.Block.Bytes(CommandRegister, 8)) & Start) != 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Patience, "the device's DMA does not end");
        }
    }

    private void Write(ulong register, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_bar.Block.Bytes(register, 8), value);
}
