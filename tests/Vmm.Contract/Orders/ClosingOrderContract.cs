using Vmm.Contract.Hosts;

namespace Vmm.Contract.Orders;

/// <summary>
/// Device, BAR mapping, group and container are closed in each of the 24 orders. Data/closing-groups.txt says what holds for both kernels:
/// what each close answers, what the others say afterwards, and when the group can be opened anew.
/// </summary>
public abstract class ClosingOrderContract
{
    private static readonly ClosingScript Script = new(
        "closing-groups.txt",
        ["container c", "group g lone", "memory m 1", "set-container g c", "set-iommu c 3", "map c iova=0x10000", "device d g lone", "bar b d"],
        ["d", "b", "g", "c"],
        Calls,
        ["status again", "container fresh", "set-container again fresh", "set-iommu fresh 3", "unset-container again", "close again", "close fresh"]);

    public static TheoryData<string> Orders => [.. Script.Orders];

    [SkippableTheory]
    [MemberData(nameof(Orders))]
    public void Every_order_of_closing_answers_alike_and_leaves_nothing(string order)
    {
        using var host = CreateHost();
        Script.Check(host, order);
    }

    /// <summary>The machine; skips the test where it has not what is needed.</summary>
    protected abstract IContractHost CreateHost();

    private static IEnumerable<string> Calls(string part, IReadOnlySet<string> open) =>
    [
        part == "b" ? "unbar b" : $"close {part}",
        .. open.Contains("g") ? ["status g", "unset-container g"] : Array.Empty<string>(),
        .. open.IsSupersetOf(["g", "c"]) ? ["set-container g c"] : Array.Empty<string>(),
        .. open.Contains("c") ? ["map c iova=0x10000", "extension c 10"] : Array.Empty<string>(),
        "group again lone",
    ];
}
