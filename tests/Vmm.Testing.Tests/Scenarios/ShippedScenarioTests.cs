using System.Reflection;

namespace Vmm.Testing.Tests.Scenarios;

/// <summary>Runs every shipped scenario in several orders. The traits of a method are the requirements that its file names.</summary>
public sealed class ShippedScenarioTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("abandoned.yaml")]
    [Trait("Requirement", "R0.8")]
    public void An_attach_that_is_taken_back_is_undone(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("crashes.yaml")]
    public void Actors_that_end_are_replaced_and_nothing_is_lost(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("direct-relaxable.yaml")]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R1.8")]
    [Trait("Requirement", "R1.12")]
    public void A_direct_relaxable_region_is_never_in_the_way(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("direct.yaml")]
    [Trait("Requirement", "R1.2")]
    [Trait("Requirement", "R1.8")]
    [Trait("Requirement", "R1.12")]
    public void A_direct_region_forbids_assignment(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("discard-refused.yaml")]
    [Trait("Requirement", "R2.3")]
    public void A_refusal_to_stop_discarding_ram_undoes_the_attach(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("failing-map.yaml")]
    [Trait("Requirement", "R2.13")]
    public void A_map_that_fails_undoes_the_attach(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("iommufd-conflict.yaml")]
    [Trait("Requirement", "R2.5")]
    [Trait("Requirement", "R2.6")]
    public void By_iommufd_ram_in_the_interrupt_window_refuses_the_attach(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("iommufd-mediated-first.yaml")]
    [Trait("Requirement", "R2.5")]
    [Trait("Requirement", "R2.6")]
    [Trait("Requirement", "R2.7")]
    public void By_iommufd_a_physical_device_joins_a_mediated_one(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("iommufd-memory.yaml")]
    [Trait("Requirement", "R1.1")]
    public void By_iommufd_memory_comes_and_goes_whole(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("iommufd-two-devices.yaml")]
    [Trait("Requirement", "R1.1")]
    [Trait("Requirement", "R2.5")]
    public void By_iommufd_two_devices_share_one_ioas(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("late-regions.yaml")]
    [Trait("Requirement", "R0.13")]
    [Trait("Requirement", "R0.14")]
    [Trait("Requirement", "R0.21")]
    public void A_late_member_with_regions_in_guest_ram_stays_held(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("live-group.yaml")]
    [Trait("Requirement", "R0.12")]
    [Trait("Requirement", "R0.14")]
    [Trait("Requirement", "R0.16")]
    [Trait("Requirement", "R0.17")]
    [Trait("Requirement", "R0.20")]
    public void A_device_that_turns_up_in_a_live_group_is_held_unused(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("native-driver.yaml")]
    [Trait("Requirement", "R0.19")]
    [Trait("Requirement", "R0.20")]
    public void A_native_driver_does_not_get_into_a_live_group(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("second-container.yaml")]
    [Trait("Requirement", "R2.1")]
    [Trait("Requirement", "R2.2")]
    [Trait("Requirement", "R2.4")]
    [Trait("Requirement", "R2.5")]
    [Trait("Requirement", "R2.8")]
    [Trait("Requirement", "R2.9")]
    [Trait("Requirement", "R2.10")]
    [Trait("Requirement", "R2.11")]
    [Trait("Requirement", "R2.13")]
    [Trait("Requirement", "R2.14")]
    [Trait("Requirement", "R2.15")]
    public void A_second_container_leaves_out_a_peers_bar(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("tour.yaml")]
    [Trait("Requirement", "R0.1")]
    [Trait("Requirement", "R0.4")]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R0.6")]
    [Trait("Requirement", "R0.7")]
    [Trait("Requirement", "R0.21")]
    [Trait("Requirement", "R1.2")]
    [Trait("Requirement", "R2.1")]
    [Trait("Requirement", "R2.9")]
    public void The_tour_goes_as_told(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("windows.yaml")]
    [Trait("Requirement", "R0.1")]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R0.6")]
    [Trait("Requirement", "R0.10")]
    public void Windows_shrink_with_a_group_and_grow_back_without_it(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("apertures.yaml")]
    [Trait("Requirement", "R0.4")]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R0.6")]
    [Trait("Requirement", "R2.6")]
    public void A_smaller_aperture_is_in_the_way_or_shrinks_the_windows(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("conflict-4.17.yaml")]
    [Trait("Requirement", "R0.4")]
    [Trait("Requirement", "R1.2")]
    [Trait("Requirement", "R1.8")]
    public void A_conflict_that_an_old_kernel_does_not_see_is_refused_by_us(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("late-member-4.10.yaml")]
    [Trait("Requirement", "R0.12")]
    [Trait("Requirement", "R0.14")]
    [Trait("Requirement", "R0.16")]
    [Trait("Requirement", "R0.18")]
    [Trait("Requirement", "R0.20")]
    public void A_late_member_on_an_old_kernel_faults_unless_a_bridge_speaks_for_it(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("mediated-first.yaml")]
    [Trait("Requirement", "R2.2")]
    [Trait("Requirement", "R2.6")]
    [Trait("Requirement", "R2.7")]
    [Trait("Requirement", "R2.8")]
    [Trait("Requirement", "R2.11")]
    [Trait("Requirement", "R2.12")]
    public void The_first_physical_device_makes_bad_maps_of_a_mediated_one_surface(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("native-driver-4.17.yaml")]
    [Trait("Requirement", "R0.19")]
    [Trait("Requirement", "R0.20")]
    public void A_native_driver_in_a_live_group_of_an_old_kernel_is_told(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("no-iommu.yaml")]
    [Trait("Requirement", "R1.6")]
    [Trait("Requirement", "R2.6")]
    public void A_device_without_an_iommu_is_refused(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("no-page-table.yaml")]
    [Trait("Requirement", "R2.2")]
    [Trait("Requirement", "R2.6")]
    [Trait("Requirement", "R2.13")]
    public void A_page_table_that_cannot_be_made_undoes_the_attach(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("type1-v1.yaml")]
    [Trait("Requirement", "R1.1")]
    public void Version_1_of_type1_serves_as_well(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("unknown-regions-4.10.yaml")]
    [Trait("Requirement", "R1.17")]
    public void Regions_that_a_kernel_does_not_tell_are_unknown(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("every-bus.yaml")]
    [Trait("Requirement", "R1.8")]
    [Trait("Requirement", "R1.13")]
    [Trait("Requirement", "R1.14")]
    [Trait("Requirement", "R1.15")]
    [Trait("Requirement", "R1.16")]
    public void Devices_of_every_bus_are_found_and_attached_in_one_way(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("holes.yaml")]
    [Trait("Requirement", "R1.3")]
    [Trait("Requirement", "R1.4")]
    [Trait("Requirement", "R1.11")]
    [Trait("Requirement", "R1.12")]
    public void Ram_is_carved_around_holes_that_were_asked_for_and_the_price_is_told(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("hypertransport.yaml")]
    [Trait("Requirement", "R1.4")]
    [Trait("Requirement", "R1.5")]
    public void Memory_in_the_window_below_1_TiB_is_refused_and_fits_above_it(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("layout.yaml")]
    [Trait("Requirement", "R1.4")]
    [Trait("Requirement", "R1.5")]
    [Trait("Requirement", "R1.6")]
    [Trait("Requirement", "R1.7")]
    [Trait("Requirement", "R1.12")]
    public void A_plan_names_all_that_is_in_the_way_and_proposes_a_layout_that_fits(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("map-contract.yaml")]
    [Trait("Requirement", "R0.3")]
    [Trait("Requirement", "R1.1")]
    [Trait("Requirement", "R1.2")]
    public void What_is_mapped_is_mapped_whole_and_inside_one_window(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("peers.yaml")]
    [Trait("Requirement", "R1.9")]
    [Trait("Requirement", "R1.10")]
    [Trait("Requirement", "R1.11")]
    [Trait("Requirement", "R1.12")]
    public void A_peers_bar_is_a_hazard_and_no_hole_until_one_is_asked_for(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("told-windows.yaml")]
    [Trait("Requirement", "R0.2")]
    [Trait("Requirement", "R0.6")]
    [Trait("Requirement", "R0.8")]
    [Trait("Requirement", "R0.9")]
    [Trait("Requirement", "R0.10")]
    [Trait("Requirement", "R0.11")]
    public void Windows_that_the_guest_was_told_are_watched_kept_and_frozen(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("viommu.yaml")]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R0.9")]
    public void A_vIOMMU_maps_while_views_and_devices_come_and_go(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("viommu-pages.yaml")]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R0.9")]
    public void Devices_reach_page_by_page_what_a_vIOMMU_maps(int seed) => Passes(seed);

    [Theory, MemberData(nameof(Seeds))]
    [ScenarioFile("viommu-budget.yaml")]
    [Trait("Requirement", "R0.5")]
    public void A_guest_that_maps_without_end_leaves_entries_for_the_view(int seed) => Passes(seed);

    [Fact]
    public void Every_shipped_scenario_has_a_method_here_with_its_requirements_as_traits()
    {
        var methods = typeof(ShippedScenarioTests).GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => method.GetCustomAttribute<TheoryAttribute>() is not null)
            .ToDictionary(method => method.GetCustomAttribute<ScenarioFileAttribute>()!.Name, RequirementsOf, StringComparer.Ordinal);

        Assert.Equal(ShippedFiles.Scenarios, methods.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, requirements) in methods)
        {
            Assert.Equal(ShippedFiles.Scenario(name).Requirements.Order(StringComparer.Ordinal), requirements.Order(StringComparer.Ordinal));
        }
    }

    private static void Passes(int seed, [System.Runtime.CompilerServices.CallerMemberName] string method = "")
    {
        var file = typeof(ShippedScenarioTests).GetMethod(method)!.GetCustomAttribute<ScenarioFileAttribute>()!.Name;
        var result = ShippedFiles.Scenario(file).Run(seed);
        Assert.True(result.Passed, result.ToString());
    }

    private static IEnumerable<string> RequirementsOf(MethodInfo method) =>
        method.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(TraitAttribute))
            .Select(attribute => (string)attribute.ConstructorArguments[1].Value!);
}
