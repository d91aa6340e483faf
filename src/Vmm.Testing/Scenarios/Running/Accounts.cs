using Vmm.Actors;

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
        var census = world.Kernel.Census();
        var told = $"{mappings.Count} mappings, {containers.Sum(container => container.Groups.Count)} groups, {containers.Sum(container => container.Devices.Count)} devices";
        var held = $"{census.Mappings.Sum()} mappings, {census.AttachedGroups} groups, {census.OpenDevices} devices";
        if (told != held)
        {
            yield return new Mismatch("accounts", $"the kernel holds {told}", held);
        }

        var leased = mappings.Count(mapping => world.Memory.Has(mapping.Block));
        if (leased != world.Memory.Leases)
        {
            yield return new Mismatch("accounts", $"{leased} leases, one a mapping", $"{world.Memory.Leases} leases");
        }
    }
}
