using System.Buffers.Binary;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

/// <summary>VFIO_DEVICE_SET_IRQS step by step, with the answers that Linux 7.2 gave to the same steps.</summary>
public sealed class InterruptTests : IDisposable
{
    private const uint Intx = VfioUapi.PciIntx;
    private const uint Msi = VfioUapi.PciMsi;
    private const uint Msix = VfioUapi.PciMsix;
    private const uint Request = VfioUapi.PciRequest;
    private const uint None = VfioUapi.IrqDataNone;
    private const uint Bool = VfioUapi.IrqDataBool;
    private const uint Event = VfioUapi.IrqDataEventfd;
    private const uint Mask = VfioUapi.IrqActionMask;
    private const uint Unmask = VfioUapi.IrqActionUnmask;
    private const uint Trigger = VfioUapi.IrqActionTrigger;

    private readonly Rig _rig = new(host => host
        .Group(1).Device(new PciDeviceSpec(Rig.NetworkCard) { Driver = "vfio-pci", Vectors = new(1, 4) }).Msi()
        .Group(7).Mediated(Rig.Mediated));

    private readonly int _container;
    private readonly int[] _groups;
    private readonly int _event;

    public InterruptTests()
    {
        (_container, _groups) = _rig.Ready(1, 7);
        _event = Rig.Good(_rig.Kernel.CreateEvent()).Descriptor;
    }

    /// <summary>Whose descriptor stands in the data.</summary>
    public enum Data
    {
        /// <summary>An eventfd.</summary>
        Event,

        /// <summary>-1.</summary>
        Nothing,

        /// <summary>A number that is not open.</summary>
        Closed,

        /// <summary>A container's.</summary>
        Other,
    }

    /// <summary>Steps as index, flags, start, count; the errno is that of the last.</summary>
    public static TheoryData<uint[][], Data, int> Pci => new()
    {
        // Of an index that is not on, only an eventfd is taken, and only of one vector or more.
        { [[Intx, None | Trigger, 0, 0]], Data.Event, 22 },
        { [[Intx, None | Trigger, 0, 1]], Data.Event, 22 },
        { [[Intx, Event | Trigger, 0, 0]], Data.Event, 22 },
        { [[Msi, None | Trigger, 0, 0]], Data.Event, 22 },
        { [[Msi, Event | Trigger, 0, 0]], Data.Event, 34 },
        { [[Msi, Event | Trigger, 0, 1]], Data.Event, 0 },
        { [[Msi, Event | Trigger, 0, 1]], Data.Nothing, 0 },
        { [[Msi, Event | Trigger, 0, 1]], Data.Closed, 9 },
        { [[Msi, Event | Trigger, 0, 1]], Data.Other, 22 },
        { [[Msi, Event | Trigger, 0, 2]], Data.Event, 22 },
        { [[Msi, Event | Mask, 0, 1]], Data.Event, 25 },
        { [[Msi, Event, 0, 1]], Data.Event, 25 },

        // One of the three at a time, until it is turned off.
        { [[Msi, Event | Trigger, 0, 1], [Msix, Event | Trigger, 0, 1]], Data.Event, 22 },
        { [[Msi, Event | Trigger, 0, 1], [Intx, Event | Trigger, 0, 1]], Data.Event, 22 },
        { [[Msi, Event | Trigger, 0, 1], [Msi, None | Trigger, 0, 0], [Intx, Event | Trigger, 0, 1]], Data.Event, 0 },
        { [[Msix, Event | Trigger, 0, 1], [Msix, Event | Trigger, 0, 0]], Data.Event, 0 },
        { [[Msix, Event | Trigger, 0, 1], [Msix, Bool | Trigger, 0, 1]], Data.Event, 0 },

        // INTx is masked and unmasked while it is on; an eventfd that unmasks is one.
        { [[Intx, None | Mask, 0, 1]], Data.Event, 22 },
        { [[Intx, Event | Trigger, 0, 1], [Intx, None | Mask, 0, 1]], Data.Event, 0 },
        { [[Intx, Event | Trigger, 0, 1], [Intx, Event | Mask, 0, 1]], Data.Event, 25 },
        { [[Intx, Event | Trigger, 0, 1], [Intx, Event | Unmask, 0, 1]], Data.Event, 0 },
        { [[Intx, Event | Trigger, 0, 1], [Intx, Event | Unmask, 0, 1], [Intx, Event | Unmask, 0, 1]], Data.Event, 16 },
        { [[Intx, Event | Trigger, 0, 1], [Intx, None | Mask | Unmask, 0, 1]], Data.Event, 25 },

        // The request interrupt is tried out once it has an eventfd.
        { [[Request, None | Trigger, 0, 1]], Data.Event, 22 },
        { [[Request, Bool | Trigger, 0, 1]], Data.Event, 0 },
        { [[Request, Event | Trigger, 0, 0]], Data.Event, 22 },
        { [[Request, Event | Trigger, 0, 1], [Request, None | Trigger, 0, 1]], Data.Event, 0 },
        { [[Request, Event | Trigger, 0, 1], [Request, None | Trigger, 0, 0], [Request, None | Trigger, 0, 0]], Data.Event, 22 },
        { [[Request, None | Mask, 0, 1]], Data.Event, 25 },
    };

    /// <summary>The same of a mediated device, whose header is checked against the number of its indexes.</summary>
    public static TheoryData<uint[][], Data, int> Mediated => new()
    {
        { [[Intx, None | Unmask, 0, 0]], Data.Event, 22 },
        { [[Intx, None | Trigger, 0, 0]], Data.Event, 22 },
        { [[Intx, None, 0, 0]], Data.Event, 0 },
        { [[Msix, None, 0, 0]], Data.Event, 25 },
        { [[VfioUapi.PciError, None, 0, 0]], Data.Event, 25 },
        { [[Msi, None | Mask, 0, 1]], Data.Event, 25 },
        { [[Msi, Event | Trigger, 0, 1]], Data.Event, 0 },
        { [[Msi, Event | Trigger, 0, 1]], Data.Closed, 9 },
        { [[Msi, Event | Trigger, 0, 1], [Msi, None | Trigger, 0, 0], [Intx, Event | Trigger, 0, 1]], Data.Event, 0 },
        { [[5, None | Trigger, 0, 1]], Data.Event, 22 },
    };

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Messages_that_nobody_takes_cannot_be_turned_on()
    {
        using var rig = new Rig(host => host.Group(1).Device(new PciDeviceSpec(Rig.Disk) { Driver = "vfio-pci", Vectors = new(1, 0, IsUnserved: true) }).Msi());
        var device = Rig.Good(rig.Device(rig.Ready(1).Groups[0], Rig.Disk)).Descriptor;
        var signal = Rig.Good(rig.Kernel.CreateEvent()).Descriptor;
        var bytes = new byte[24];
        uint[] words = [24, Event | Trigger, Msi, 0, 1, (uint)signal];
        for (var word = 0; word < words.Length; word++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * word), words[word]);
        }

        Assert.Equal(Errno.ENOTSUPP, rig.Kernel.Ioctl(device, VfioUapi.DeviceSetIrqs, bytes).Errno);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Intx);
        Assert.Equal(Errno.None, rig.Kernel.Ioctl(device, VfioUapi.DeviceSetIrqs, bytes).Errno);
    }

    [Theory]
    [MemberData(nameof(Pci))]
    [Trait("Requirement", "RX.1")]
    public void A_pci_device_takes_interrupt_requests_as_linux_does(uint[][] steps, Data data, int errno) =>
        Assert.Equal(errno, Run(_groups[0], Rig.NetworkCard, steps, data));

    [Theory]
    [MemberData(nameof(Mediated))]
    [Trait("Requirement", "RX.1")]
    public void A_mediated_device_takes_interrupt_requests_as_the_sample_drivers_do(uint[][] steps, Data data, int errno) =>
        Assert.Equal(errno, Run(_groups[1], Rig.Mediated, steps, data));

    [Fact]
    public void An_eventfd_that_was_closed_hears_nothing_and_harms_nobody()
    {
        var device = Rig.Good(_rig.Device(_groups[0], Rig.NetworkCard)).Descriptor;
        Assert.Equal(0, Step(device, [Msi, Event | Trigger, 0, 1], _event));
        Rig.Good(_rig.Kernel.Close(_event));
        Assert.Equal(0, Step(device, [Msi, None | Trigger, 0, 1], -1));
    }

    [Fact]
    public void A_mediated_device_tells_what_the_sample_driver_tells()
    {
        var device = Rig.Good(_rig.Device(_groups[1], Rig.Mediated)).Descriptor;
        var info = Filled(24);
        Rig.Good(_rig.Kernel.Ioctl(device, VfioUapi.DeviceGetInfo, info));
        Assert.Equal([2u, 9u, 5u, 0xa5a5_a5a5u], Words(info)[1..5]);

        var region = Filled(32);
        Rig.Good(_rig.Kernel.Ioctl(device, VfioUapi.DeviceGetRegionInfo, region));
        Assert.Equal([3u, 0u, 0xa5a5_a5a5u, 8u], Words(region)[1..5]);
        Rig.Good(_rig.Kernel.Ioctl(device, VfioUapi.DeviceResetRequest, 0UL));
    }

    [Fact]
    public void The_offset_of_capabilities_is_left_alone_where_there_are_none()
    {
        var device = Rig.Good(_rig.Device(_groups[0], Rig.NetworkCard)).Descriptor;
        var region = Filled(32);
        Rig.Good(_rig.Kernel.Ioctl(device, VfioUapi.DeviceGetRegionInfo, region));
        Assert.Equal(0xa5a5_a5a5u, Words(region)[3]);
    }

    /// <summary>argsz, index 0, and a pattern in all the rest.</summary>
    private static byte[] Filled(int size)
    {
        var bytes = new byte[size];
        bytes.AsSpan().Fill(0xa5);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 0);
        return bytes;
    }

    private static uint[] Words(byte[] bytes) =>
        [.. Enumerable.Range(0, bytes.Length / 4).Select(at => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at * 4)))];

    private int Run(int group, string name, uint[][] steps, Data data)
    {
        var device = Rig.Good(_rig.Device(group, name)).Descriptor;
        var descriptor = data switch { Data.Event => _event, Data.Other => _container, Data.Closed => 0x7fff, _ => -1 };
        foreach (var step in steps[..^1])
        {
            Assert.Equal(0, Step(device, step, descriptor));
        }

        return Step(device, steps[^1], descriptor);
    }

    private int Step(int device, uint[] step, int descriptor)
    {
        var bytes = new byte[36];
        uint[] words = [36, step[1], step[0], step[2], step[3], (uint)descriptor, (uint)descriptor, (uint)descriptor, (uint)descriptor];
        for (var at = 0; at < words.Length; at++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at * 4), words[at]);
        }

        return _rig.Kernel.Ioctl(device, VfioUapi.DeviceSetIrqs, bytes).Errno.Number;
    }
}
