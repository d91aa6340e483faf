using Vmm.Actors;
using Vmm.Iommu.Planning;
using Vmm.Testing.Scenarios.Machines;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Compares what the VMM says it holds with what the kernel holds and what leases guest memory has: after every step they agree.</summary>
internal static class Accounts
{
    internal static IEnumerable<Mismatch> Unmet(ScenarioWorld world, IReadOnlyList<AddressSpaceState> spaces)
    {
        var containers = spaces.SelectMany(space => space.Containers).ToList();
        if (spaces.Count == 0 || containers.Exists(container => container.Degraded is not null))
        {
            // Nobody could be asked, or the VMM itself says that it does not know.
            yield break;
        }

        var mappings = containers.SelectMany(container => container.Mappings).ToList();
        var kernel = world.Machine.Held();
        var told = new KernelHoldings(mappings.Count, containers.Sum(container => container.Groups.Count), containers.Sum(container => container.Devices.Count));
        if (Text(told, kernel) is var ours && Text(kernel, kernel) is var theirs && ours != theirs)
        {
            yield return new Mismatch("accounts", $"the kernel holds {ours}", theirs);
        }

        var leased = mappings.Count(mapping => world.Memory.Has(mapping.Block));

        // QEMU: a refused map is left at that, and what it may have had as effect keeps its memory until the section goes.
        var refused = world.Mode == MappingPlanMode.Qemu ? containers.Sum(container => container.Skipped.Count + container.Pending.Count) : 0;
        if (world.Memory.Leases < leased || world.Memory.Leases > leased + refused)
        {
            var more = refused > 0 ? $", and at most {refused} of refused maps" : "";
            yield return new Mismatch("accounts", $"{leased} leases, one a mapping{more}", $"{world.Memory.Leases} leases");
        }
    }

    /// <summary>What a kernel that says so much can be compared by.</summary>
    private static string Text(KernelHoldings what, KernelHoldings known) => string.Join(", ", new[]
    {
        known.Mappings is null ? null : $"{what.Mappings} mappings",
        known.Groups is null ? null : $"{what.Groups} groups",
        known.Devices is null ? null : $"{what.Devices} devices",
    }.OfType<string>());
}
