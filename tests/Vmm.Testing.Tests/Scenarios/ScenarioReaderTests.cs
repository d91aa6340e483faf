using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Testing.Scenarios;

namespace Vmm.Testing.Tests.Scenarios;

public sealed class ScenarioReaderTests : IDisposable
{
    private const string Head = "name: x\nhost: {}\nmemory: {sections: [{start: 0, size: 1MiB, kind: ram, name: ram}]}\nsteps:\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("scenarios-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Every_shipped_scenario_can_be_read()
    {
        Assert.NotEmpty(ShippedFiles.Scenarios);
        foreach (var name in ShippedFiles.Scenarios)
        {
            Assert.NotEmpty(ShippedFiles.Scenario(name).Steps);
        }
    }

    [Fact]
    public void A_scenario_is_read_with_all_its_parts()
    {
        var scenario = Read(Head + """
              - attach: {device: "0000:01:00.0", freeze_windows: true}
                name: first
                expect: {outcome: refused, reason: Conflict, windows: [0x0-0xfff], words: text, call_counts: {VFIO_IOMMU_MAP_DMA: 0}}
              - prepare:
                  - shadow: {range: 0xc0000-0xcffff, readonly: true}
                  - add: {range: 0x200000-0x2fffff, kind: ramd, name: bar, bar: "0000:01:00.0/2", backing: device}
              - fail: {call: VFIO_IOMMU_MAP_DMA, nth: 3, errno: ENOMEM, when: after}
              - dma: {device: "0000:01:00.0", iova: 2MiB, hex: 'de ad'}
              - concurrently: [{detach: "0000:01:00.0"}, {advance: 30s}]
              - rules: {holes: [0x1000-0x1fff], told_windows: [0x2000-0xfffff], freeze_windows: true}
              - rules: {told_windows: none}
              - attach: {device: "0000:01:00.0", may_break_told_windows: true, keep_if: {windows: [0x0-0xfff], container: shared, skipped: 1}}
                expect: {log: [], decision: why, pending: left, topology: [{group: 1, unknown: '', hazards: [], regions: a, devices: b, viable: false}]}
            expect_end: {leases: 1}
            """);

        var attach = Assert.IsType<ScenarioStep.Attach>(scenario.Steps[0]);
        Assert.Equal(("0000:01:00.0", true, "first", RefusalReason.Conflict), (attach.Device, attach.Policy.FreezeIova, attach.Name, attach.Expect.Reason));
        Assert.Equal([IovaRange.FromBounds(0, 0xfff)], attach.Expect.Windows);
        Assert.Equal(["text"], attach.Expect.Words);
        Assert.Equal(0, attach.Expect.CallCounts!["VFIO_IOMMU_MAP_DMA"]);
        var edits = Assert.IsType<ScenarioStep.Prepare>(scenario.Steps[1]).Edits;
        Assert.Equal(new ViewEdit.Shadow(IovaRange.FromBounds(0xc0000, 0xcffff), ReadOnly: true), edits[0]);
        var bar = Assert.Single(Assert.IsType<ViewEdit.Add>(edits[1]).Sections);
        Assert.Equal((SectionKind.RamDevice, "0000:01:00.0/2", SectionBacking.DeviceMemory), (bar.Kind, bar.Bar, bar.Backing));
        var fail = Assert.IsType<ScenarioStep.Fail>(scenario.Steps[2]);
        Assert.Equal((3, 12, true), (fail.Nth, fail.Errno.Number, fail.AfterEffect));
        Assert.Equal([0xde, 0xad], Assert.IsType<ScenarioStep.DmaWrite>(scenario.Steps[3]).Bytes.ToArray());
        Assert.Equal(2, Assert.IsType<ScenarioStep.Concurrently>(scenario.Steps[4]).Steps.Count);
        var rules = Assert.IsType<ScenarioStep.Rules>(scenario.Steps[5]);
        var changed = rules.Change(SpaceRules.None);
        Assert.Equal("0x1000-0x1fff / 0x2000-0xfffff / True", $"{Assert.Single(changed.Holes)} / {changed.ToldWindows} / {changed.FreezeWindows}");
        var untold = Assert.IsType<ScenarioStep.Rules>(scenario.Steps[6]).Change(changed);
        Assert.Equal((true, 1, true), (untold.ToldWindows is null, untold.Holes.Count, untold.FreezeWindows));
        var kept = Assert.IsType<ScenarioStep.Attach>(scenario.Steps[7]);
        Assert.Equal((true, false, 1), (kept.Policy.MayBreakToldWindows, kept.KeepIf!.IsNewContainer, kept.KeepIf.Skipped));
        Assert.Equal([IovaRange.FromBounds(0, 0xfff)], kept.KeepIf.Windows);
        Assert.Equal(("why", "left", 0), (Assert.Single(kept.Expect.Decision!), Assert.Single(kept.Expect.Pending!), kept.Expect.Log!.Count));
        var group = Assert.Single(kept.Expect.Topology!);
        Assert.Equal((1, "", false, "a", "b", 0), (group.Group, group.Unknown, group.IsViable, group.Regions![0], group.Devices![0], group.Hazards!.Count));
        Assert.Equal(1, scenario.End.Leases);
    }

    [Theory]
    [InlineData("", "documents")]
    [InlineData("name: [", "this is no YAML")]
    [InlineData("name: x\nname: y", ":2:1: this is no YAML")]
    [InlineData("- a", ":1:1: a list where a mapping belongs")]
    [InlineData("nmae: x", ":1:1 nmae: unknown key; did you mean name?")]
    [InlineData("name: x\nmemory: {sections: []}\nsteps: []", "key host is missing; write host:")]
    [InlineData("name: x\nhost: {}\nsteps: []", "none of the keys that say what it is; exactly one of memory, spaces belongs here")]
    [InlineData("name: x\nseed: many\nhost: {}\nmemory: {sections: []}\nsteps: []", ":2:7 seed: 'many' is no such number")]
    [InlineData("name: x\nrequirements: [R1]\nhost: {}\nmemory: {sections: []}\nsteps: []", "requirements[0]: 'R1' is no requirement")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: [{map: {iova: 0, length: 4KiB, target: 0}}]", "map: the space memory has no vIOMMU; write viommu: true")]
    [InlineData("name: x\nhost: {}\nmemory: {viommu: true, sections: []}\nsteps: [{map: {iova: 0, length: 4KiB}}]", "key target is missing")]
    [InlineData("name: x\nhost: {}\nmemory: {viommu: true, sections: []}\nsteps: [{viommu: refuse}]", "viommu: 'refuse'")]
    [InlineData("name: x\nhost: {capture: nowhere.tar.gz}\nmemory: {sections: []}\nsteps: []", "host.capture: there is no")]
    [InlineData("name: x\nhost: {devices: [{address: ../../etc, group: 1}]}\nmemory: {sections: []}\nsteps: []", "host.devices[0].address: '../../etc' is no PCI address")]
    [InlineData("name: x\nhost: {devices: [{address: '0000:01:00.0', group: -1}]}\nmemory: {sections: []}\nsteps: []", "devices[0].group: '-1' is no such number")]
    [InlineData("name: x\nhost: {reserved: {3: [{kind: hole, range: 0-1}]}}\nmemory: {sections: []}\nsteps: []", "host.reserved.3[0].kind: 'hole' is not known; known are msi, reserved, direct, direct-relaxable")]
    [InlineData("name: x\nhost: {}\nmemory: {map: nowhere.txt}\nsteps: []", "memory.map: there is no")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: [], space: y}\nsteps: []", "memory.space: stands beside sections")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: [{start: 0x10, last: 0x0, kind: ram, name: r}]}\nsteps: []", "sections[0].last: 0x0 is below the start 0x10")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: [{start: 0xffffffffffffffff, size: 2, kind: ram, name: r}]}\nsteps: []", "end past 2^64-1")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: [{start: 0x10000000000000000, size: 2, kind: ram, name: r}]}\nsteps: []", "is no number below 2^64")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: [{range: 0-1, kind: ram, name: r, bar: 'x/0'}]}\nsteps: []", "stands in a section that is no BAR")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: [{range: 0-9, kind: ram, name: a}, {range: 5-20, kind: ram, name: b}]}\nsteps: []", "memory.sections: a at 0x0-0x9 overlaps b at 0x5-0x14")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: [{start: 0, size: 0x8000000000000000, kind: ram, name: a}]}\nsteps: []", "sections[0]: a would reach to 0x8000000000000000")]
    [InlineData("name: x\nhost: {}\nmemory: {map: .}\nsteps: []", ":3:15 memory.map: ")]
    [InlineData("name: x\nhost: {drivers: {'0000:01:00.0': vfio-pci}}\nmemory: {sections: []}\nsteps: []", ":2:7: host.drivers 0000:01:00.0: the host has no such device")]
    [InlineData("name: x\nhost: {reserved: {9: []}}\nmemory: {sections: []}\nsteps: []", ":2:7: host: The emulated host has no group 9; change")]
    [InlineData("name: x\nhost: {devices: [{address: '0000:01:00.0', group: 1, bars: [1, 1, 1, 1, 1, 1, 1]}]}\nmemory: {sections: []}\nsteps: []", "bars: 7 BARs; a device has at most 6")]
    [InlineData("name: x\nhost: {kernel: 4.9}\nmemory: {sections: []}\nsteps: []", "host.kernel: '4.9' is not known; did you mean 4.10? known are 4.10, 4.17, 6.2, 7.2")]
    [InlineData("name: x\nhost: {kernel: 4.1}\nmemory: {sections: []}\nsteps: []", "host.kernel: '4.1' is not known")]
    [InlineData("name: x\nhost: {iommus: [{name: 7}]}\nmemory: {sections: []}\nsteps: []", "host.iommus[0].name: '7' is no IOMMU")]
    [InlineData("name: x\nhost: {iommus: [{name: dmar0}]}\nmemory: {sections: []}\nsteps: []", "host.iommus dmar0: The emulated host has an IOMMU dmar0 already")]
    [InlineData("name: x\nhost: {devices: [{address: '0000:01:00.0', group: 1, iommu: dmar9}]}\nmemory: {sections: []}\nsteps: []", "The emulated host has no IOMMU dmar9")]
    [InlineData("name: x\nhost: {devices: [{address: '0000:01:00.0', group: some}]}\nmemory: {sections: []}\nsteps: []", "devices[0].group: 'some' is no such number")]
    [InlineData("name: x\nhost: {devices: [{address: 'a/b', bus: platform, group: 1}]}\nmemory: {sections: []}\nsteps: []", "host.devices[0].address: 'a/b' cannot be a device")]
    [InlineData("name: x\nhost: {devices: [{address: a, bus: isa, group: 1}]}\nmemory: {sections: []}\nsteps: []", "host.devices[0].bus: 'isa' is not known")]
    [InlineData("name: x\nhost: {devices: [{address: a, bus: amba, group: 1, bars: [4096]}]}\nmemory: {sections: []}\nsteps: []", "host.devices[0].bars: stands in a device that is no PCI function")]
    [InlineData("name: x\nhost: {devices: [{address: a, bus: amba, group: none}]}\nmemory: {sections: []}\nsteps: []", "host.devices[0].group: a device of another bus than PCI without a group")]
    [InlineData("name: x\nhost: {links: {../etc: a}}\nmemory: {sections: []}\nsteps: []", "host.links.../etc: '../etc' is no place for a link")]
    [InlineData("name: x\nhost: {links: {kernel/iommu_groups: a}}\nmemory: {sections: []}\nsteps: []", "host.links kernel/iommu_groups: sysfs has that already")]
    [InlineData("name: x\nhost: {}\nmemory: {sections: []}\nsteps: []", ":4:8 steps: no step; write at least one")]
    public void What_is_wrong_with_a_file_is_one_line_with_its_place(string text, string expected)
    {
        var message = Assert.Throws<ScenarioFormatException>(() => Read(text)).Message;

        Assert.Contains("s.yaml", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("- {}", "steps[0]: none of the keys")]
    [InlineData("- {attach: a, detach: b}", "exactly one of")]
    [InlineData("- {attach: ../a}", "steps[0].attach: '../a' cannot be a device")]
    [InlineData("- {atach: a}", "did you mean attach?")]
    [InlineData("- {attach: a, space: other}", "steps[0].space: there is no address space 'other'")]
    [InlineData("- {attach: a, expect: {outcome: atached}}", "steps[0].expect.outcome: 'atached' is not known; did you mean attached?")]
    [InlineData("- {attach: a, expect: {reason: Conflicts}}", "did you mean Conflict?")]
    [InlineData("- {attach: a, expect: {windows: [0x10-0x0]}}", "windows[0]: 0x10 is above 0x0")]
    [InlineData("- {attach: a, expect: {bytes: a, hex: '00'}}", "stands beside bytes")]
    [InlineData("- {commit: prepard}", "did you mean prepared?")]
    [InlineData("- {commit: []}", "no change; write at least one of set, add, remove, shadow")]
    [InlineData("- {fail: {call: VFIO_IOMMU_MAP, errno: EIO}}", "steps[0].fail.call: 'VFIO_IOMMU_MAP' is not known; did you mean VFIO_IOMMU_MAP_DMA? known are open, close, eventfd, VFIO_")]
    [InlineData("- {attach: a, expect: {call_counts: {open: 1}}}", "call_counts.open: 'open' is not known; known are VFIO_")]
    [InlineData("- {concurrently: []}", "steps[0].concurrently: no step; write at least one")]
    [InlineData("- {host: {fail_domains: {iommu: dmar0}}}", "key errno is missing")]
    [InlineData("- {host: []}", "no change; write at least one of add, remove, bind, unbind, regions, fail_domains")]
    [InlineData("- {fail: {errno: EWRONG}}", "steps[0].fail.errno: 'EWRONG' is no errno")]
    [InlineData("- {fail: {nth: 0, errno: EIO}}", "steps[0].fail.nth: '0' is no such number")]
    [InlineData("- {dma: {device: a, iova: 0, write: x, read: 3}}", "exactly one of write, hex, read")]
    [InlineData("- {dma: {device: a, iova: 0, hex: abc}}", "these are no bytes")]
    [InlineData("- {advance: soon}", "'soon' is no time")]
    [InlineData("- {advance: 2000000000h}", "steps[0].advance: '2000000000h' is too long; write at most 8760h")]
    [InlineData("- {attach: a, expect: {errno: EWRONG}}", "steps[0].expect.errno: 'EWRONG' is no errno")]
    [InlineData("- {stop: host}", "'host' is no actor's path")]
    [InlineData("- {concurrently: [{concurrently: []}]}", "stands inside another concurrently")]
    [InlineData("- {host: {bind: {device: a}}}", "key driver is missing")]
    [InlineData("- {attach: }", "no value")]
    [InlineData("- {attach: a, expect: {plan: {layout: []}}}", "steps[0].expect.plan: stands in a step that does not plan")]
    [InlineData("- {plan: a, expect: {plan: {entries: 3}}}", "steps[0].expect.plan.entries: a single value where a mapping belongs; keys are needed, left")]
    [InlineData("- {attach: {device: a, probe: true}}", "steps[0].attach.probe: unknown key")]
    [InlineData("- {plan: {device: a, probe: maybe}}", "steps[0].plan.probe: 'maybe' is neither")]
    [InlineData("- {rules: {}}", "steps[0].rules: no rule; write at least one of holes, told_windows, freeze_windows")]
    [InlineData("- {rules: {hole: []}}", "steps[0].rules.hole: unknown key; did you mean holes?")]
    [InlineData("- {rules: {holes: 0x0-0xfff}}", "steps[0].rules.holes: a single value where a list belongs; write ranges")]
    [InlineData("- {rules: {holes: [0x1000-0xfff]}}", "steps[0].rules.holes[0]: 0x1000 is above 0xfff")]
    [InlineData("- {rules: {told_windows: all}}", "steps[0].rules.told_windows: 'all' is not known; known are none")]
    [InlineData("- {rules: {freeze_windows: maybe}}", "steps[0].rules.freeze_windows: 'maybe' is neither; write true or false")]
    [InlineData("- {attach: {device: a, keep_if: {skiped: 1}}}", "steps[0].attach.keep_if.skiped: unknown key; did you mean skipped?")]
    [InlineData("- {attach: {device: a, keep_if: {}}}", "steps[0].attach.keep_if: no condition; write at least one of windows, container, skipped")]
    [InlineData("- {attach: {device: a, keep_if: {container: other}}}", "keep_if.container: 'other' is not known; known are new, shared")]
    [InlineData("- {attach: {device: a, keep_if: {skipped: -1}}}", "keep_if.skipped: '-1' is no such number")]
    [InlineData("- {attach: {device: a, may_break_told_windows: 1}}", "steps[0].attach.may_break_told_windows: '1' is neither")]
    [InlineData("- {plan: {device: a, keep_if: {skipped: 0}}}", "steps[0].plan.keep_if: unknown key")]
    [InlineData("- {commit: {set: {sections: [], holes: []}}}", "steps[0].commit.set.holes: unknown key")]
    [InlineData("- {attach: a, expect: {topology: {regions: []}}}", "steps[0].expect.topology: key group is missing; write group: its number")]
    [InlineData("- {attach: a, expect: {topology: [{group: 1, viable: yes}]}}", "topology[0].viable: 'yes' is neither")]
    [InlineData("- {attach: a, expect: {logs: []}}", "steps[0].expect.logs: unknown key; did you mean log?")]
    [InlineData("- {attach: a, expect: {pending: {a: b}}}", "steps[0].expect.pending: a mapping where text belongs")]
    public void What_is_wrong_with_a_step_is_one_line_with_its_place(string step, string expected)
    {
        var message = Assert.Throws<ScenarioFormatException>(() => Read($"{Head}  {step}\n")).Message;

        Assert.Matches("s\\.yaml:5:[0-9]+ steps\\[0\\]", message);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var message = Assert.Throws<ScenarioFormatException>(() => HotplugScenario.Load(Path.Combine(_directory, "none.yaml"))).Message;
        Assert.Contains("none.yaml", message, StringComparison.Ordinal);
    }

    private HotplugScenario Read(string text)
    {
        var file = Path.Combine(_directory, "s.yaml");
        File.WriteAllText(file, text);
        return HotplugScenario.Load(file);
    }
}
