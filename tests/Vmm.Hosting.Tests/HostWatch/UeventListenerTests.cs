using System.Text;
using Vmm.Hosting.HostWatch;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Hosting.Tests.HostWatch;

public sealed class UeventListenerTests
{
    private const string Pci = "bind@/devices/x\0SUBSYSTEM=pci\0";
    private const string Block = "add@/devices/y\0SUBSYSTEM=block\0";
    private static readonly Step Nothing = Errno.EAGAIN;

    [Fact]
    public void A_burst_of_device_events_asks_for_one_scan_when_it_is_over() =>
        Assert.Equal([RescanReason.DeviceChanged], Scans([Wake.Readable, Wake.Readable, Wake.Quiet, Wake.Stopped], [Pci, Pci, Nothing, Pci, Nothing]));

    [Fact]
    public void Two_bursts_ask_for_two_scans() =>
        Assert.Equal(
            [RescanReason.DeviceChanged, RescanReason.DeviceChanged],
            Scans([Wake.Readable, Wake.Quiet, Wake.Readable, Wake.Quiet, Wake.Stopped], [Pci, Nothing, Pci, Nothing]));

    [Fact]
    public void Events_of_other_subsystems_ask_for_none() =>
        Assert.Empty(Scans([Wake.Readable, Wake.Stopped], [Block, Nothing]));

    [Fact]
    public void Lost_events_ask_for_a_scan_whatever_else_came() =>
        Assert.Equal([RescanReason.EventsLost], Scans([Wake.Readable, Wake.Quiet, Wake.Stopped], [Errno.ENOBUFS, Block, Nothing]));

    [Fact]
    public void An_endless_burst_is_scanned_all_the_same()
    {
        var wakes = Enumerable.Repeat(Wake.Readable, UeventListener.LongestBurst).Append(Wake.Stopped);
        var events = Enumerable.Repeat<Step[]>([Pci, Nothing], UeventListener.LongestBurst).SelectMany(step => step);

        Assert.Equal([RescanReason.DeviceChanged], Scans([.. wakes], [.. events]));
    }

    [Fact]
    public void An_interrupted_read_is_read_again() =>
        Assert.Equal([RescanReason.DeviceChanged], Scans([Wake.Readable, Wake.Quiet, Wake.Stopped], [Errno.EINTR, Pci, Nothing]));

    [Fact]
    public void A_dead_descriptor_ends_the_listener_with_its_errno()
    {
        var fault = Assert.Throws<IommuException>(() => Scans([Wake.Readable, Wake.Stopped], [Errno.EBADF]));

        Assert.Equal(Errno.EBADF, fault.Errno);
    }

    [Fact]
    public void The_listener_waits_for_ever_when_nothing_is_pending_and_for_the_quiet_time_when_something_is()
    {
        var wakes = new ScriptedWakes([Wake.Readable, Wake.Quiet, Wake.Stopped]);
        new UeventListener(new ScriptedUevents([Pci, Nothing]), 3, wakes, TimeSpan.FromSeconds(2), _ => { }).Run();

        Assert.Equal([null, TimeSpan.FromSeconds(2), null], wakes.Asked);
    }

    private static List<RescanReason> Scans(Wake[] wakes, Step[] events)
    {
        var scans = new List<RescanReason>();
        new UeventListener(new ScriptedUevents(events), 3, new ScriptedWakes(wakes), TimeSpan.Zero, scans.Add).Run();
        return scans;
    }

    /// <summary>What the next read answers: a datagram or an errno.</summary>
    private sealed record Step(string? Text, Errno Errno)
    {
        public static implicit operator Step(string text) => new(text, Errno.None);

        public static implicit operator Step(Errno errno) => new(null, errno);
    }

    private sealed class ScriptedUevents(IEnumerable<Step> steps) : IUevents
    {
        private readonly Queue<Step> _steps = new(steps);

        public SysResult Listen() => SysResult.Of(3);

        public SysResult Receive(int descriptor, Span<byte> buffer)
        {
            var step = _steps.Dequeue();
            return step.Text is null ? step.Errno : SysResult.Of(Encoding.UTF8.GetBytes(step.Text, buffer));
        }

        public SysResult Close(int descriptor) => SysResult.Ok;
    }

    private sealed class ScriptedWakes(IEnumerable<Wake> wakes) : IWakeSource
    {
        private readonly Queue<Wake> _wakes = new(wakes);

        public List<TimeSpan?> Asked { get; } = [];

        public Wake Wait(TimeSpan? quiet)
        {
            Asked.Add(quiet);
            return _wakes.Dequeue();
        }
    }
}
