using System.Globalization;
using Vmm.Actors;

namespace Vmm.Contract.Sweeps;

/// <summary>Everything that can be seen of a VM and of the kernel below it, by name, so that two moments can be compared.</summary>
internal sealed class Picture
{
    private readonly SortedDictionary<string, string> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _degraded = [];

    /// <summary>What the VM itself calls unreliable, in its words.</summary>
    public IReadOnlyList<string> Degraded => _degraded;

    public static Picture Of(SweepWorld world)
    {
        var picture = new Picture();
        var state = world.Rig.Do(() => world.Rig.Vmm.GetStateAsync());
        var containers = state.Spaces.SelectMany(space => space.Containers).ToList();
        picture.AddKernel(world);
        picture._degraded.AddRange(state.Spaces.Select(space => space.Degraded).OfType<string>());
        for (var i = 0; i < containers.Count; i++)
        {
            picture.Add($"container {i + 1}", containers[i]);
        }

        foreach (var block in world.Blocks)
        {
            picture.Add($"leases of {block.Name}", block.Leases);
        }

        foreach (var part in world.Parts)
        {
            picture.Add($"group of {part}", world.IsLeased(part) ? "leased" : "free");
        }

        var open = containers.SelectMany(container => container.Devices).ToHashSet();
        foreach (var binding in world.Bindings.Where(binding => open.Contains(binding.Device)))
        {
            picture.Add($"regions of {binding.Device}", string.Join(' ', binding.Hardware.Regions.Select(region => $"{region.Index}:0x{region.Size:x}")));
            picture.Add($"windows told for {binding.Device}", binding.Windows);
        }

        picture.Missing = [.. MissingIn(world, containers)];
        picture.Add("discarding", world.Discard.IsOff ? "off" : "on");
        return picture;
    }

    /// <summary>
    /// What is missing where every device has a container that shows the same memory as the others, and the kernel holds what
    /// the containers say; empty when that is so, in however many containers.
    /// </summary>
    public IReadOnlyList<string> Missing { get; private set; } = [];

    /// <summary>What differs, one line each, as seen from here.</summary>
    public IReadOnlyList<string> DifferencesTo(Picture later) =>
        [.. _seen.Keys.Union(later._seen.Keys)
            .Where(name => Of(name) != later.Of(name))
            .Select(name => $"{name}: {Of(name)} became {later.Of(name)}")];

    private static IEnumerable<string> MissingIn(SweepWorld world, List<ContainerReport> containers)
    {
        var census = world.Host.Look();
        var devices = containers.SelectMany(container => container.Devices).ToList();
        if (!devices.Order(StringComparer.Ordinal).SequenceEqual(world.Bindings.Select(binding => binding.Device).Order(StringComparer.Ordinal)))
        {
            yield return $"devices: {string.Join(' ', devices)}";
        }

        var groups = census.IsIommufd ? 0 : containers.Sum(container => container.Groups.Count);
        if ((census.Devices, census.Groups) != (devices.Count, groups)
            || (census.Spaces ?? containers.Count) != containers.Count
            || (census.Mappings is { } mappings && mappings != containers.Sum(container => container.Mappings.Count)))
        {
            yield return $"the kernel has {census}";
        }

        if (containers.Select(container => string.Join(' ', container.Mappings)).Distinct().Count() > 1)
        {
            yield return "the containers show different memory";
        }
    }

    private string Of(string name) => _seen.GetValueOrDefault(name, "nothing");

    private void Add(string name, object value) => _seen[name] = Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private void AddKernel(SweepWorld world)
    {
        foreach (var (name, value) in world.Host.Look().Parts)
        {
            Add($"kernel: {name}", value);
        }
    }

    private void Add(string name, ContainerReport container)
    {
        Add($"{name}: windows", container.Snapshot.Windows);
        Add($"{name}: entries left", container.Snapshot.EntriesLeft?.ToString(CultureInfo.InvariantCulture) ?? "unknown");
        Add($"{name}: groups", string.Join(' ', container.Groups.Order()));
        Add($"{name}: devices", string.Join(' ', container.Devices.Order(StringComparer.Ordinal)));
        foreach (var mapping in container.Mappings)
        {
            Add($"{name}: {mapping.Range}", $"{mapping.Block}+0x{mapping.Offset:x} {mapping.Access}{(mapping.IsDying ? " dying" : "")}");
        }

        foreach (var skipped in container.Skipped)
        {
            Add($"{name}: {skipped.Range} left out", skipped.Name);
        }

        if (container.Degraded is { } why)
        {
            _degraded.Add(why);
        }
    }
}
