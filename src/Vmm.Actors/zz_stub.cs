#pragma warning disable
using Vmm.Iommu.Addressing; using Vmm.Iommu.AddressSpaces; using Vmm.Iommu.HotPath; using Vmm.Iommu.Mappings; using Vmm.Iommu.Reserved; using Vmm.Iommu.Topology;
namespace Vmm.Iommu.Planning {
public sealed record Conflict(IovaRange Range, string Region, ReservedRegion? Reserved, string Words);
public sealed record AttachPlan(IReadOnlyList<ContainerVerdict> Verdicts) {
  public static ContainerVerdict JudgeNew(IommuGroup group, FlatView view, ContainerSnapshot? snapshot, bool allowSkips) {
    var direct = group.Reserved.Regions.FirstOrDefault(r => r.ForbidsAssignment);
    if (direct is not null) return new(false, $"group {group.Id} cannot be assigned: firmware needs {direct.Range} mapped 1:1 ({direct.Kind}) for {direct.Owner}.", [new(direct.Range, "", direct, "direct")]);
    var conflicts = new List<Conflict>();
    foreach (var s in SectionFilter.FourKiB.Filter(view)) {
      foreach (var hole in group.Reserved.Regions.Where(r => r.IsHole && r.Range.Overlaps(s.Range))) if (!s.IsSkippable) conflicts.Add(new(s.Range, s.Name, hole, $"{s.Name} at {s.Range} overlaps {hole.Kind} {hole.Range} of {hole.Owner}"));
      if (snapshot is not null && !s.IsSkippable && conflicts.Count == 0 && !snapshot.Windows.Contains(s.Range)) conflicts.Add(new(s.Range, s.Name, null, $"{s.Name} at {s.Range} outside {snapshot.Windows}")); }
    return new(conflicts.Count == 0, string.Join("; ", conflicts.Select(c => c.Words)), conflicts); }
  public static ContainerVerdict JudgeShare(IommuGroup group, ContainerTurn turn, bool freeze) {
    var conflicts = new List<Conflict>();
    foreach (var hole in group.Reserved.Regions.Where(r => r.IsHole)) if (turn.Table.TryFirstOverlap(hole.Range, out var m)) conflicts.Add(new(m.Range, m.Lease.Block!.Name, hole, $"{m.Lease.Block!.Name} at {m.Range} overlaps {hole.Kind} {hole.Range} of {hole.Owner}"));
    return new(conflicts.Count == 0, string.Join("; ", conflicts.Select(c => c.Words)), conflicts); }
  public static ContainerVerdict JudgeView(ContainerSnapshot snapshot, MappingPlan plan) {
    var bad = plan.Outside.Where(a => !a.Section.IsSkippable).Select(a => new Conflict(a.Range, a.Section.Name, null, $"{a.Section.Name} at {a.Range} is outside the windows {snapshot.Windows}")).ToList();
    return new(bad.Count == 0, string.Join("; ", bad.Select(c => c.Words)), bad); }
}
public sealed record ContainerVerdict(bool IsAccepted, string Words, IReadOnlyList<Conflict> Conflicts);
}
