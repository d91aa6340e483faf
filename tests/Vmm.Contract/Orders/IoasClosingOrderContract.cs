using Vmm.Contract.Hosts;

namespace Vmm.Contract.Orders;

/// <summary>
/// Device node, BAR mapping, IOAS and iommufd are closed in each of the 24 orders, the IOAS by DESTROY. As with groups a walk on the
/// emulated kernel makes the table that holds for both. With the iommufd's descriptor gone nobody can destroy the IOAS: it goes with the device.
/// </summary>
public abstract class IoasClosingOrderContract
{
    private static readonly ClosingScript Script = new(
        ["iommufd i", "ioas a i", "cdev d lone", "memory m 1", "bind d i", "attach d a", "ioas-map i a", "bar b d"],
        ["d", "b", "a", "i"],
        Calls,
        ["status again", "close again", "iommufd fresh", "cdev e lone", "bind e fresh", "ioas s fresh", "attach e s", "close e", "destroy fresh s", "close fresh"]);

    public static TheoryData<string> Orders => [.. Script.Orders];

    [SkippableTheory]
    [MemberData(nameof(Orders))]
    public void Every_order_of_closing_answers_as_the_table_says_and_leaves_nothing(string order)
    {
        using var host = CreateHost();
        var before = host.Held();
        Assert.Equal(Script.Wanted(order), Script.Walk(host, order));
        Assert.Equal(before, host.Held());
    }

    [SkippableFact]
    public void The_device_opens_anew_with_the_last_of_node_and_bar()
    {
        using var host = CreateHost();
        foreach (var order in Script.Orders)
        {
            var parts = order.Split(' ');
            var last = int.Max(Array.IndexOf(parts, "d"), Array.IndexOf(parts, "b"));
            Assert.Equal(parts.Index().Select(step => step.Index >= last), Script.Reopened(host, order));
        }
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
