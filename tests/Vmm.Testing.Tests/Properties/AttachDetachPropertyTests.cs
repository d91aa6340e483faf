using FsCheck;
using FsCheck.Fluent;
using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Testing.Tests.Properties;

public class AttachDetachPropertyTests
{
    private static readonly Gen<(SpaceCase Space, int Before)> Spaces =
        from space in SpaceCase.Any(mostHoles: 1, 0x4020_1000)
        from before in Gen.Choose(0, space.Order.Count - 1)
        select (space, before);

    [Fact]
    [Trait("Requirement", "R0.6")]
    public void After_an_attach_and_a_detach_windows_and_mappings_are_the_first_ones() => Generated.Explains(Spaces, input =>
    {
        using var world = new SpaceWorld(input.Space);
        foreach (var device in input.Space.Order.Take(input.Before))
        {
            world.Attach(device);
        }

        var (first, held) = (world.State, world.Kernel.Census());
        foreach (var device in input.Space.Order.Skip(input.Before))
        {
            if (world.Attach(device) is not { IsAttached: true, Binding: { } binding })
            {
                continue;
            }

            var within = world.State;
            Assert.True(world.Do(() => binding.DetachAsync()).IsDetached);
            var last = world.State;
            if (WhatDiffers(first, within, last, input.Space, binding.Group) is { } wrong)
            {
                return $"{device}: {wrong}";
            }

            if (world.Kernel.Census().ToString() != held.ToString())
            {
                return $"{device}: {world.Kernel.Census()} is held after {held}";
            }

            // What does not grow back is measured from where it is.
            first = last;
        }

        return null;
    }, count: 150);

    [Fact]
    [Trait("Requirement", "R0.6")]
    public void When_all_have_left_in_any_order_the_space_is_as_it_began() => Generated.Explains(
        from space in SpaceCase.Any(mostHoles: 1, 0x4020_1000) from leaving in Gen.Shuffle(Enumerable.Range(0, 16).ToArray()) select (space, leaving),
        input =>
        {
            using var world = new SpaceWorld(input.space);
            var (first, held) = (world.State, world.Kernel.Census().ToString());
            var bindings = input.space.Order.Select(world.Attach).Where(attach => attach.IsAttached).Select(attach => attach.Binding!).ToList();
            foreach (var at in input.leaving.Where(at => at < bindings.Count))
            {
                Assert.True(world.Do(() => bindings[at].DetachAsync()).IsDetached);
            }

            var last = world.State;
            return last.Containers.Count == 0 && last.Windows.Equals(first.Windows) && world.Kernel.Census().ToString() == held
                ? null
                : $"windows {last.Windows}, first {first.Windows}; {last.Containers.Count} containers; {world.Kernel.Census()} is held after {held}";
        },
        count: 100);

    private static string? WhatDiffers(AddressSpaceState first, AddressSpaceState within, AddressSpaceState last, SpaceCase input, int group)
    {
        if (!first.Containers.Select(container => container.Id).SequenceEqual(last.Containers.Select(container => container.Id)))
        {
            return $"containers {string.Join(',', last.Containers.Select(container => container.Id))} after {string.Join(',', first.Containers.Select(container => container.Id))}";
        }

        foreach (var (before, after) in first.Containers.Zip(last.Containers))
        {
            var mapped = (string.Join(' ', before.Mappings), string.Join(' ', after.Mappings));
            if (mapped.Item1 != mapped.Item2)
            {
                return $"mapped {mapped.Item2} after {mapped.Item1}";
            }

            var expected = StaysTrimmed(before, after, input, group) ? Trimmed(before.Snapshot.Windows, within.Containers.Single(container => container.Id == after.Id).Snapshot.Windows) : before.Snapshot.Windows;
            if (!after.Snapshot.Windows.Equals(expected))
            {
                return $"windows {after.Snapshot.Windows}, expected {expected}, first {before.Snapshot.Windows}";
            }
        }

        return null;
    }

    /// <summary>
    /// KERNEL: the outermost ends of a container's windows come back only when a page table goes: not where the group that left
    /// used one together with another.
    /// </summary>
    private static bool StaysTrimmed(ContainerReport before, ContainerReport after, SpaceCase input, int group)
    {
        var left = input.Host.Groups[group - 1];
        return !left.IsMediated && before.Id == after.Id && before.Groups.Where(other => other != group).Select(other => input.Host.Groups[other - 1])
            .Any(other => !other.IsMediated && SharesPageTable(input.Host.Units[left.Unit], input.Host.Units[other.Unit]));
    }

    private static bool SharesPageTable(UnitCase one, UnitCase other) => one == other;

    /// <summary>The first windows between the ends of those with the group in.</summary>
    private static ValidIovaRanges Trimmed(ValidIovaRanges first, ValidIovaRanges within) =>
        within.Count == 0 ? first : first.Intersect(new ValidIovaRanges([new IovaRange(within[0].Start, within[^1].Last)]));
}
