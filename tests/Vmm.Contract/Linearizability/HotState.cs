using Vmm.Iommu.Results;

namespace Vmm.Contract.Linearizability;

/// <summary>
/// What a container of a few pages is to be, one request after the other: the serial model that histories are explained by. Pure.
/// </summary>
/// <param name="Owners">For each page four bits: one more than the first page of the mapping there, or 0.</param>
/// <param name="Hot">Bits of the pages that are hot.</param>
/// <param name="Reserved">Bits of what the group that came in reserves.</param>
/// <param name="Holes">Bits of the user's holes.</param>
/// <param name="IsIn">True while the group is in.</param>
public readonly record struct HotState(int Owners, int Hot, int Reserved, int Holes, bool IsIn)
{
    public const int Pages = 6;

    /// <summary>Answer of what is done or refused without a status: an admission, a change of holes.</summary>
    public const int Done = 1000;

    /// <summary>Its opposite.</summary>
    public const int Refused = 1001;

    /// <summary>The state behind a request, and its answer.</summary>
    public (HotState State, int Answer) After(HotOperation operation) => operation.Kind switch
    {
        HotOperationKind.Map => IsHot(operation.Bits) ? Map(operation) : (this, (int)MapStatus.NotHot),
        HotOperationKind.Unmap or HotOperationKind.Post => IsHot(operation.Bits) ? Unmap(operation.Bits) : (this, (int)MapStatus.NotHot),
        HotOperationKind.Clear => Clear(operation.Bits & Hot),
        HotOperationKind.MapView => Map(operation),
        HotOperationKind.UnmapView => Unmap(operation.Bits),
        HotOperationKind.UnmapAll => (this with { Owners = 0 }, Mappings((1 << Pages) - 1)),
        HotOperationKind.Admit => Mappings(operation.Bits) > 0 ? (this, Refused) : (this with { Reserved = operation.Bits, IsIn = true }, Done),
        HotOperationKind.Evict => (this with { Reserved = 0, IsIn = false }, Done),
        HotOperationKind.SetHoles => Mappings(operation.Bits) > 0 ? (this, Refused) : (this with { Holes = operation.Bits }, Done),
        HotOperationKind.SetHot => SetHot(operation.Bits),
        _ => (this, Owners),
    };

    public override string ToString() => $"owners {Owners:x6} hot {Hot:x2} reserved {Reserved:x2} holes {Holes:x2}{(IsIn ? " in" : "")}";

    private bool IsHot(int bits) => (bits & ~Hot) == 0;

    private int OwnerOf(int page) => (Owners >> (page * 4)) & 15;

    private int Mappings(int bits)
    {
        var (state, mappings, before) = (this, 0, 0);
        foreach (var page in Enumerable.Range(0, Pages).Where(page => (bits & (1 << page)) != 0))
        {
            var owner = state.OwnerOf(page);
            mappings += owner != 0 && owner != before ? 1 : 0;
            before = owner != 0 ? owner : before;
        }

        return mappings;
    }

    /// <summary>Bits of all pages of every mapping that has one of these.</summary>
    private int Whole(int bits)
    {
        var whole = 0;
        for (var page = 0; page < Pages; page++)
        {
            for (var other = 0; other < Pages; other++)
            {
                whole |= (bits & (1 << page)) != 0 && OwnerOf(page) != 0 && OwnerOf(page) == OwnerOf(other) ? 1 << other : 0;
            }
        }

        return whole;
    }

    private HotState Without(int bits)
    {
        var owners = Owners;
        for (var page = 0; page < Pages; page++)
        {
            owners &= (bits & (1 << page)) != 0 ? ~(15 << (page * 4)) : -1;
        }

        return this with { Owners = owners };
    }

    private (HotState State, int Answer) Map(HotOperation operation)
    {
        if (Mappings(operation.Bits) > 0)
        {
            return (this, (int)MapStatus.Overlaps);
        }

        if ((operation.Bits & (Reserved | Holes)) != 0)
        {
            return (this, (int)MapStatus.OutsideWindows);
        }

        var owners = Owners;
        for (var page = operation.First; page < operation.First + operation.Pages; page++)
        {
            owners |= (operation.First + 1) << (page * 4);
        }

        return (this with { Owners = owners }, (int)MapStatus.Ok);
    }

    private (HotState State, int Answer) Unmap(int bits) => Mappings(bits) == 0 || (Whole(bits) & ~bits) != 0
        ? (this, (int)MapStatus.NotMapped)
        : (Without(bits), (int)MapStatus.Ok);

    /// <summary>Each stretch of hot pages by itself; one that would cut a mapping stays as it is.</summary>
    private (HotState State, int Answer) Clear(int bits)
    {
        var (state, answer) = (this, (int)MapStatus.Ok);
        foreach (var stretch in Stretches(bits))
        {
            if (state.Mappings(stretch) == 0)
            {
                continue;
            }

            var (next, result) = state.Unmap(stretch);
            (state, answer) = (next, answer == (int)MapStatus.Ok ? result : answer);
        }

        return (state, answer);
    }

    private (HotState State, int Answer) SetHot(int bits)
    {
        var gone = Whole(Hot & ~bits);
        return (Without(gone) with { Hot = bits }, Mappings(gone));
    }

    private static IEnumerable<int> Stretches(int bits)
    {
        for (var page = 0; page < Pages;)
        {
            var stretch = 0;
            for (; page < Pages && (bits & (1 << page)) != 0; page++)
            {
                stretch |= 1 << page;
            }

            if (stretch != 0)
            {
                yield return stretch;
            }

            page++;
        }
    }
}
