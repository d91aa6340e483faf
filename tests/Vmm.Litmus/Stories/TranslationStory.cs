using Vmm.Iommu.Results;
using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class TranslationStory : Story
{
    private readonly Space _space = new(capacity: 6);

    // Counts what was answered: odd is off, even is on; and what was asked for, which is one ahead while an answer is awaited.
    private int _answered;
    private int _asked;

    public override int Threads => 3;

    public override void Play(int thread, Racer me)
    {
        if (thread == 0)
        {
            for (var change = 0; change < 4; change++)
            {
                Switch(me);
            }
        }
        else
        {
            for (var act = 0; act < 8; act++)
            {
                MapWhileItChanges((thread * 8) + me.Next(8));
            }
        }
    }

    public override void Judge() => _space.Judge();

    private void Switch(Racer me)
    {
        var isOff = (_asked & 1) == 0;
        System.Threading.Volatile.Write(ref _asked, _asked + 1);
        var windows = isOff ? Space.None : Space.Hot;
        var (heard, failed) = (0, 0);
        while (!_space.Ring.Post(turn => turn.SetHotWindows(windows), result =>
        {
            failed = result.IsDone ? result.Value.Failed : -1;
            System.Threading.Volatile.Write(ref heard, 1);
        }))
        {
            Thread.Yield();
        }

        Until(() => Seen(ref heard) != 0);
        Violation.Unless(failed == 0, () => $"switching translation {(isOff ? "off" : "on")} failed: {failed}");
        System.Threading.Volatile.Write(ref _answered, _asked);
        for (var look = 0; isOff && look < 3; look++)
        {
            Violation.Unless(_space.Kernel.Reached == 0, "translation is off, that is answered, and a device still reaches a hot page");
            me.WaitLong();
        }
    }

    private void MapWhileItChanges(int page)
    {
        var (answered, asked) = (Seen(ref _answered), Seen(ref _asked));
        var map = _space.Map(page, offset: 0);
        var reached = _space.Kernel.Reach(page);
        var unmap = _space.Unmap(page);
        if (answered != asked || Seen(ref _asked) != asked)
        {
            Violation.Unless(map.Status is MapStatus.Ok or MapStatus.NotHot or MapStatus.Overlaps, () => $"a map while it changes is answered {map}");
            Violation.Unless(unmap.Status is MapStatus.Ok or MapStatus.NotHot or MapStatus.NotMapped, () => $"an unmap while it changes is answered {unmap}");
        }
        else if ((asked & 1) != 0)
        {
            Violation.Unless((map.Status, unmap.Status, reached) == (MapStatus.NotHot, MapStatus.NotHot, 0), () => $"translation is off, and {map}, {unmap}, 0x{reached:x}");
        }
        else
        {
            // Another one who unmapped last in the middle of a change may have left the page.
            Violation.Unless(map.Status is MapStatus.Ok or MapStatus.Overlaps && unmap.IsOk && reached != 0, () => $"translation is on, and {map}, {unmap}, 0x{reached:x}");
        }
    }
}
