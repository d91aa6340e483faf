using Vmm.Contract.Hosts;

namespace Vmm.Contract.Orders;

/// <summary>
/// Device node, BAR mapping, IOAS and iommufd are closed in each of the 24 orders, the IOAS by DESTROY. Data/closing-ioas.txt
/// says what holds for both kernels. With the iommufd's descriptor gone nobody can destroy the IOAS: it goes with the device.
/// </summary>
public abstract class IoasClosingOrderContract
{
    private static readonly ClosingScript Script = new(
        "closing-ioas.txt",
        ["iommufd i", "ioas a i", "cdev d lone", "memory m 1", "bind d i", "attach d a", "ioas-map i a", "bar b d"],
        ["d", "b", "a", "i"],
        Calls,
        ["status again", "close again", "iommufd fresh", "cdev e lone", "bind e fresh", "ioas s fresh", "attach e s", "close e", "destroy fresh s", "close fresh"]);

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

    private static IEnumerable<string> Calls(string part, IReadOnlySet<string> open)
    {
        var closing = part switch
        {
            "b" => ["unbar b"],
            "a" => open.Contains("i") ? ["destroy i a"] : Array.Empty<string>(),
            _ => [$"close {part}"],
        };
        return
        [
            .. closing,
            .. open.Contains("d") ? ["attach d a"] : Array.Empty<string>(),
            .. open.Contains("i") ? ["ioas-map i a", "destroy i 0xffff"] : Array.Empty<string>(),
            "group again lone",
        ];
    }
}
