using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class LeaseStory : Story
{
    private readonly long[] _written = GC.AllocateArray<long>(3, pinned: true);
    private readonly int[] _last = new int[3];
    private readonly int[] _isHeld = new int[3];
    private RamBlock _block = RamBlock.FromExisting("ram", new HostAddress(0x1000), 0x1000);
    private int _released;

    public override int Threads => 3;

    public override void Prepare(Racer me)
    {
        _released = 0;
        _block = RamBlock.FromExisting("ram", new HostAddress(0x1000), 0x1000, released: Released);
    }

    public override void Play(int thread, Racer me)
    {
        for (var times = 0; times < 4; times++)
        {
            if (thread == 0 && times == 2)
            {
                _block.Retire();
            }

            if (!_block.TryLease(out var lease))
            {
                continue;
            }

            System.Threading.Volatile.Write(ref _isHeld[thread], 1);
            Violation.Unless(!_block.IsReleased, "a lease is held of memory that went back");
            System.Threading.Volatile.Write(ref _last[thread], _last[thread] + 1);
            me.Tell(ref _written[thread], _last[thread]);
            System.Threading.Volatile.Write(ref _isHeld[thread], 0);
            lease.End();
            me.ReleaseEffects();
        }
    }

    public override void Judge()
    {
        Violation.Unless(_released == 1 && _block is { IsReleased: true, Leases: 0 }, () => $"retired without leases, and it went back {_released} times, {_block.Leases} leases");
        Violation.Unless(!_block.TryLease(out _), "a lease of memory that went back");
    }

    private void Released()
    {
        System.Threading.Interlocked.Increment(ref _released);
        for (var thread = 0; thread < Threads; thread++)
        {
            Violation.Unless(Seen(ref _isHeld[thread]) == 0, "the memory goes back while a lease is held");
            var (wanted, written) = (Seen(ref _last[thread]), Racer.Mine.Told(ref _written[thread]));
            Violation.Unless(wanted == written, () => $"the memory goes back with {written} where {wanted} was written before the lease ended");
        }
    }
}
