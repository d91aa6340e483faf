using System.Text;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>What a step asks, in words.</summary>
internal static class StepText
{
    internal static string Of(ScenarioStep step) => step.Name.Length > 0 ? $"{Asked(step)} ({step.Name})" : Asked(step);

    private static string Asked(ScenarioStep step) => step switch
    {
        ScenarioStep.Attach attach => $"attach {attach.Device}{(attach.KeepIf is null ? "" : ", to be kept on conditions")}",
        ScenarioStep.Rules rules => rules.Asked,
        ScenarioStep.Plan plan => $"plan the attach of {plan.Device}",
        ScenarioStep.Detach detach => $"detach {detach.Device}",
        ScenarioStep.Prepare prepare => $"prepare {Edits(prepare.Edits)}",
        ScenarioStep.Commit { Edits: { } edits } => $"commit {Edits(edits)}",
        ScenarioStep.Commit => "commit what was prepared",
        ScenarioStep.Host host => $"host: {string.Join(", ", host.Changes.Select(Change))}",
        ScenarioStep.Fail fail => $"let {fail.Call ?? "any call"} number {fail.Nth} fail with {fail.Errno.Name} {(fail.AfterEffect ? "after" : "before")} its effect",
        ScenarioStep.DmaWrite write => $"DMA: {write.Device} writes {Quoted(write.Bytes.Span)} at 0x{write.Iova:x}",
        ScenarioStep.DmaRead read => $"DMA: {read.Device} reads {read.Count} bytes at 0x{read.Iova:x}",
        ScenarioStep.GuestWrite write => $"guest writes {Quoted(write.Bytes.Span)} at 0x{write.Address:x}",
        ScenarioStep.GuestRead read => $"guest reads {read.Count} bytes at 0x{read.Address:x}",
        ScenarioStep.Concurrently together => $"{together.Steps.Count} things at once",
        ScenarioStep.Abandon abandon => $"attach {abandon.Device}, taken back after {abandon.After} turns",
        ScenarioStep.EndActor { How: ActorEnd.Fault } end => $"let {end.Actor} fail at its send number {end.Nth}",
        ScenarioStep.EndActor end => $"{(end.How == ActorEnd.Stop ? "stop" : "kill")} {end.Actor}",
        ScenarioStep.Discard { Errno.IsNone: true } => "the VMM agrees to stop discarding RAM",
        ScenarioStep.Discard discard => $"the VMM refuses to stop discarding RAM: {discard.Errno.Name}",
        ScenarioStep.GuestMap map => $"guest maps {(map.Count == 1 ? "" : $"{map.Count} times ")}0x{map.Length:x} bytes of 0x{map.Target:x} at 0x{map.Iova:x}",
        ScenarioStep.GuestUnmap unmap => $"guest unmaps {unmap.Range}",
        ScenarioStep.GuestIommu { Refuses: null } => "the vIOMMU tells of maps",
        ScenarioStep.GuestIommu refuses => $"the vIOMMU tells of no maps: {refuses.Refuses}",
        ScenarioStep.Advance advance => $"{advance.By} pass",
        _ => step.GetType().Name,
    };

    internal static string Quoted(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.Any(c => char.IsControl(c) || c == '\uFFFD') ? Convert.ToHexStringLower(bytes) : $"'{text}'";
    }

    private static string Edits(IEnumerable<ViewEdit> edits) => string.Join(", ", edits.Select(edit => edit switch
    {
        ViewEdit.Set set => set.Memory.Map is { } map ? $"the view of {Path.GetFileName(map)}" : $"a view of {set.Memory.Sections.Count} sections",
        ViewEdit.Add add => $"add {string.Join(" and ", add.Sections.Select(section => $"{section.Name} at {section.Range}"))}",
        ViewEdit.Remove remove => $"remove {remove.Range}",
        ViewEdit.Shadow shadow => $"shadow {shadow.Range} {(shadow.ReadOnly ? "read-only" : "writable")}",
        _ => edit.GetType().Name,
    }));

    private static string Change(HostChange change) => change switch
    {
        HostChange.Add add => $"add {add.Device.Address} to {(add.Device.Group is { } group ? $"group {group}" : "no group")}",
        HostChange.Remove remove => $"remove {remove.Device}",
        HostChange.Bind bind => $"bind {bind.Device} to {bind.Driver}",
        HostChange.Unbind unbind => $"unbind {unbind.Device}",
        HostChange.FailDomains fail => $"{fail.Iommu} cannot make a page table: {fail.Errno.Name}",
        HostChange.Reserve reserve => $"reserve {reserve.Regions.Count} regions for group {reserve.Group}",
        _ => change.GetType().Name,
    };
}
