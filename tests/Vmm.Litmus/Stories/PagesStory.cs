using Vmm.Iommu.Results;
using Vmm.Litmus.Model;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Stories;

internal sealed class PagesStory : Story
{
    private const int SharedPages = 3;

    private readonly Space _space = new(capacity: 5);
    private readonly Vcpu[] _vcpus;
    private readonly int[] _maps = new int[SharedPages];
    private readonly int[] _unmaps = new int[SharedPages];

    public PagesStory() => _vcpus = [.. Enumerable.Range(0, Threads).Select(thread => new Vcpu(_space, thread * 8, 8))];

    public override int Threads => 4;

    public override void Play(int thread, Racer me)
    {
        for (var act = 0; act < 4; act++)
        {
            _vcpus[thread].Act(me);
            ActOnShared(me.Next(SharedPages), me);
        }
    }

    public override void Judge()
    {
        _space.Judge();
        for (var page = 0; page < SharedPages; page++)
        {
            var done = _space.Kernel.Times(FirstShared + page);
            Violation.Unless(done == (_maps[page], _unmaps[page]), () => $"page {FirstShared + page}: {_maps[page]} maps and {_unmaps[page]} unmaps were answered Ok, {done} done");
        }
    }

    private const int FirstShared = 40;

    private void ActOnShared(int page, Racer me)
    {
        var isMap = me.Next(2) == 0;
        var result = isMap ? _space.Map(FirstShared + page, offset: 0) : _space.Unmap(FirstShared + page);
        Violation.Unless(result.IsOk || result.Status == (isMap ? MapStatus.Overlaps : MapStatus.NotMapped), () => $"a page of everybody's is answered {result}");
        if (result.IsOk)
        {
            System.Threading.Interlocked.Increment(ref (isMap ? _maps : _unmaps)[page]);
        }
    }
}
