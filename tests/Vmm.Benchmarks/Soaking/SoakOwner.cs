using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks.Soaking;

/// <summary>
/// What the actors of a VM do, by posts: views, a second group in the first container, hot windows, holes, questions, and a third
/// container that comes and goes. One thread; what failed is repeated until it is done.
/// </summary>
internal sealed class SoakOwner
{
    private const int MostOfView = 64;
    private const int PagesOfSlice = 16;
    private const int MostReplayed = 256;
    private const int Second = 2;
    private const int Third = 4;

    private readonly SoakMachine _machine;
    private readonly DmaMapper _mapper;
    private readonly SoakMemory _memory;
    private readonly SoakContainer[] _lasting;
    private SoakContainer? _third;
    private int _hot = SoakPlaces.AllBlocks & ~0b1001;
    private bool _isNarrow;

    /// <summary>An owner of two containers that last.</summary>
    public SoakOwner(SoakMachine machine, DmaMapper mapper, SoakMemory memory)
    {
        (_machine, _mapper, _memory) = (machine, mapper, memory);
        _lasting = [Open(1), Open(3)];
        Publish(isFilling: false);
    }

    /// <summary>Every container that is open.</summary>
    public IEnumerable<SoakContainer> Containers => _third is null ? _lasting : [.. _lasting, _third];

    private ValidIovaRanges Hot => SoakPlaces.WindowsOf(_hot);

    private int Cold => SoakPlaces.AllBlocks & ~_hot;

    /// <summary>One thing that an actor does.</summary>
    public void Step(SoakThread thread)
    {
        switch (thread.Random.Next(100))
        {
            case < 22:
                MapView(thread);
                break;
            case < 44:
                UnmapView(thread);
                break;
            case < 56:
                AdmitOrEvict(thread);
                break;
            case < 62:
                ChangeHot(thread);
                break;
            case < 70:
                ChangeHoles(thread);
                break;
            case < 73:
                OpenOrCloseThird(thread);
                break;
            case < 75:
                NarrowOrWiden(thread);
                break;
            case < 77:
                thread.Does("replaces the DIMM");
                thread.Tally.Count(_memory.Replace() ? "DIMMs replaced" : "DIMMs kept");
                break;
            default:
                AskForState(thread);
                break;
        }
    }

    /// <summary>Closes everything.</summary>
    public void Close(SoakThread thread)
    {
        thread.Does("closes everything");
        _mapper.PublishLanes([]);
        foreach (var container in Containers)
        {
            container.Close(thread.Tally);
        }

        _third = null;
    }

    private SoakContainer Open(int group) =>
        _machine.TryOpenContainer(group, Hot, out var container) ? container : throw new SoakViolationException($"group {group} gets no container");

    private SoakContainer AnyLasting(Random random) => _lasting[random.Next(_lasting.Length)];

    /// <summary>In slices that wait in the ring together, as a view's do.</summary>
    private void MapView(SoakThread thread)
    {
        var (random, container) = (thread.Random, AnyLasting(thread.Random));
        if (Cold == 0 || container.View.Count >= MostOfView)
        {
            return;
        }

        var pages = PagesOfSlice * (1 + random.Next(4));
        var first = SoakPlaces.PlaceIn(random, Cold, pages);
        thread.Does("maps a view", first, pages);
        var (_, start) = _memory.BlockFor(random, 1);
        var posted = Enumerable.Range(0, pages / PagesOfSlice).Select(slice =>
        {
            var range = SoakPlaces.At(first + (slice * PagesOfSlice), PagesOfSlice);
            var offset = (start + ((ulong)(slice * PagesOfSlice) * SoakPlaces.Page)) % (_memory.Ram.Length / 2);
            return container.Post(turn => turn.Map(range, _memory.Ram, offset, DmaAccess.ReadWrite));
        }).ToList();
        posted.ForEach(slice => thread.Tally.Count(container.Answer(slice)));
        container.View.Add((first, pages));
    }

    private void UnmapView(SoakThread thread)
    {
        var container = AnyLasting(thread.Random);
        if (container.View.Count == 0)
        {
            return;
        }

        var at = thread.Random.Next(container.View.Count);
        var (first, pages) = container.View[at];
        container.View.RemoveAt(at);
        thread.Does("unmaps a view", first, pages);
        for (var slice = 0; slice < pages; slice += PagesOfSlice)
        {
            UnmapWithin(thread, container, SoakPlaces.At(first + slice, PagesOfSlice));
        }
    }

    /// <summary>Until nothing that failed is left; what the range cuts is another's.</summary>
    private static void UnmapWithin(SoakThread thread, SoakContainer container, IovaRange range) =>
        SoakPatience.Until("what lies in a range is unmapped", thread.Tally, () =>
        {
            var report = container.Ask(turn => turn.UnmapWithin(range));
            if (report.Failed > 0)
            {
                thread.Tally.Count(report.FirstFailure);
            }

            return report.Failed == 0 || report.FirstFailure.Status == MapStatus.NotMapped;
        });

    private void AdmitOrEvict(SoakThread thread)
    {
        var container = _lasting[0];
        if (container.Members.Count > 1)
        {
            thread.Does("evicts");
            var leaving = container.Members[^1];
            SoakPatience.Until("a group leaves", thread.Tally, () => container.Ask(turn => turn.Evict(leaving)).IsDone);
            thread.Tally.Count("evicted");
            container.Members.Remove(leaving);
            leaving.Close();
            return;
        }

        thread.Does("admits");
        if (!_machine.TryOpenMember(Second, out var member))
        {
            return;
        }

        var regions = Holes(thread.Random, ReservedRegionKind.Reserved);
        var admitted = container.Ask(turn => turn.Admit(member, regions));
        thread.Tally.Count(admitted.IsDone ? "admitted" : admitted.Conflicts.Count > 0 ? "refused by a reserved region" : "refused by the kernel");
        if (admitted.IsDone || container.Ask(turn => turn.Holds(member)))
        {
            container.Members.Add(member);
        }
        else
        {
            member.Close();
        }
    }

    private static ReservedRegion[] Holes(Random random, ReservedRegionKind kind)
    {
        var pages = 1 + random.Next(8);
        return random.Next(3) == 0
            ? []
            : [new ReservedRegion(kind, SoakPlaces.At(SoakPlaces.PlaceIn(random, SoakPlaces.AllBlocks, pages), pages), "a soak", "test")];
    }

    private void ChangeHoles(SoakThread thread)
    {
        thread.Does("changes holes");
        var holes = Holes(thread.Random, ReservedRegionKind.User);
        var outcome = AnyLasting(thread.Random).Ask(turn => turn.SetUserHoles(holes));
        thread.Tally.Count(outcome.IsDone ? "holes changed" : "holes refused");
    }

    /// <summary>What the view has in a block goes before the block is hot; what is hot no longer goes before the view may use it.</summary>
    private void ChangeHot(SoakThread thread)
    {
        var random = thread.Random;

        // Three blocks of four, so that most of what vCPUs ask for can be.
        var next = random.Next(1, SoakPlaces.AllBlocks + 1) | random.Next(1, SoakPlaces.AllBlocks + 1);
        thread.Does("changes hot windows");
        var (coming, going, all) = (SoakPlaces.WindowsOf(next & ~_hot), SoakPlaces.WindowsOf(_hot & ~next), SoakPlaces.WindowsOf(next));
        foreach (var container in Containers)
        {
            foreach (var range in coming)
            {
                UnmapWithin(thread, container, range);
                container.View.RemoveAll(view => range.Contains(SoakPlaces.At(view.First, view.Pages)));
            }

            if (container.Ask(turn => turn.SetHotWindows(all)).Failed == 0)
            {
                continue;
            }

            foreach (var range in going)
            {
                UnmapWithin(thread, container, range);
            }
        }

        thread.Tally.Count("hot windows changed");
        _hot = next;
    }

    private void OpenOrCloseThird(SoakThread thread)
    {
        if (_third is not null)
        {
            CloseThird(thread, _third);
            return;
        }

        thread.Does("opens a third container");
        if (!_machine.TryOpenContainer(Third, Hot, out _third))
        {
            thread.Tally.Count("containers that did not open");
            return;
        }

        Publish(isFilling: true);
        var shadow = _lasting[0].Ask(turn => turn.Table.Where(mapping => mapping is { IsHot: true, State: MappingState.Live }).Take(MostReplayed).ToList());
        thread.Does("replays", 0, shadow.Count);
        foreach (var mapping in shadow)
        {
            Replay(thread, mapping);
        }

        Publish(isFilling: false);
        thread.Tally.Count("containers filled");
    }

    private void Replay(SoakThread thread, LiveMapping mapping)
    {
        if (!_memory.TryAddress(mapping.Lease.Block!, mapping.Offset, out var target))
        {
            return;
        }

        var (first, pages) = (SoakPlaces.PageOf(mapping.Range.Start), (int)(mapping.Range.Length / SoakPlaces.Page));
        thread.Does("replays", first, pages);
        var range = mapping.Range;
        var result = thread.Tally.Count(_mapper.MapNotify(range.Start.Value, (ulong)range.Length, target, mapping.Access, isReplay: true));
        if (result.Status == MapStatus.Refused)
        {
            SoakPatience.Until("a replayed range is unmapped", thread.Tally, () =>
                thread.Tally.Count(_mapper.TryUnmap(range)).Status is not (MapStatus.Refused or MapStatus.Tainted));
        }
    }

    /// <summary>Before it leaves the lanes or after: vCPUs may meet a container that is closed.</summary>
    private void CloseThird(SoakThread thread, SoakContainer third)
    {
        thread.Does("closes the third container");
        _third = null;
        if (thread.Random.Next(2) == 0)
        {
            Publish(isFilling: false);
        }

        third.Close(thread.Tally);
        Publish(isFilling: false);
        thread.Tally.Count("containers closed");
    }

    /// <summary>The second container is no lane for a while, so that maps of one container alone are merged; it comes back empty.</summary>
    private void NarrowOrWiden(SoakThread thread)
    {
        thread.Does("changes lanes");
        if (_isNarrow)
        {
            foreach (var range in Hot)
            {
                UnmapWithin(thread, _lasting[1], range);
            }
        }

        _isNarrow = !_isNarrow;
        Publish(isFilling: false);
        thread.Tally.Count("lanes changed");
    }

    private void Publish(bool isFilling)
    {
        var lanes = _lasting.Take(_isNarrow ? 1 : 2).Select(container => new DmaLane(container.Ring));
        _mapper.PublishLanes(_third is null ? lanes : lanes.Append(new DmaLane(_third.Ring, isFilling)));
    }

    private void AskForState(SoakThread thread)
    {
        thread.Does("asks for the state");
        var container = AnyLasting(thread.Random);
        var (state, bytes) = container.Ask(turn => (turn.GetState(), turn.Table.Bytes));
        if (state.Bytes != bytes || state.Dying > state.Mappings || state.Hot > state.Mappings)
        {
            throw new SoakViolationException($"the state of {container.Ring.Name} contradicts its table: {state}");
        }

        thread.Tally.Count("states asked for");
    }
}
