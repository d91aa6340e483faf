namespace Vmm.Testing.Emulation;

/// <summary>Everything that is held in an emulated kernel: a test that took it all back finds <see cref="IsEmpty"/>.</summary>
/// <param name="Containers">Open container descriptors.</param>
/// <param name="Groups">Open group descriptors.</param>
/// <param name="Devices">Open device descriptors.</param>
/// <param name="Events">Open eventfds.</param>
/// <param name="Listeners">Open uevent listeners.</param>
/// <param name="Files">Open memfds.</param>
/// <param name="Mappings">DMA mappings of each container that has groups, in no order.</param>
/// <param name="AttachedGroups">Groups in a container.</param>
/// <param name="OwnedGroups">Groups whose DMA VFIO owns.</param>
/// <param name="OpenDevices">Devices held open, by a descriptor or by a mapped BAR.</param>
/// <param name="MappedBars">BAR mappings of this process.</param>
/// <param name="PinnedPages">Pages of 4 KiB in page tables; one that is mapped twice counts twice, but a copy of an iommufd's mapping does not.</param>
/// <param name="LockedPages">Pages of 4 KiB charged as locked memory.</param>
/// <param name="LiveMappings">Memory mappings of this process, BARs among them.</param>
/// <param name="Iommufds">Open /dev/iommu descriptors.</param>
/// <param name="Cdevs">Open descriptors of devices' own nodes, bound or not.</param>
/// <param name="Contexts">Iommufds that are held, by a descriptor, a device or a group.</param>
/// <param name="Ioases">IOASes of all iommufds.</param>
/// <param name="PageTables">Page tables (HWPT) of all iommufds.</param>
/// <param name="Areas">Mappings of all IOASes.</param>
/// <param name="BoundDevices">Devices bound to an iommufd, mediated ones among them.</param>
public sealed record KernelCensus(
    int Containers,
    int Groups,
    int Devices,
    int Events,
    int Listeners,
    int Files,
    IReadOnlyList<int> Mappings,
    int AttachedGroups,
    int OwnedGroups,
    int OpenDevices,
    int MappedBars,
    ulong PinnedPages,
    ulong LockedPages,
    int LiveMappings,
    int Iommufds = 0,
    int Cdevs = 0,
    int Contexts = 0,
    int Ioases = 0,
    int PageTables = 0,
    int Areas = 0,
    int BoundDevices = 0)
{
    /// <summary>Descriptors of every kind.</summary>
    public int Descriptors => Containers + Groups + Devices + Events + Listeners + Files + Iommufds + Cdevs;

    /// <summary>True when nothing is held.</summary>
    public bool IsEmpty =>
        Descriptors == 0
        && Mappings.Count == 0
        && AttachedGroups + OwnedGroups + OpenDevices + MappedBars + LiveMappings == 0
        && Contexts + Ioases + PageTables + Areas + BoundDevices == 0
        && PinnedPages + LockedPages == 0;

    /// <summary><c>nothing</c>, or what is held.</summary>
    public override string ToString() => IsEmpty
        ? "nothing"
        : $"descriptors: {Containers} container, {Groups} group, {Devices} device, {Events} event, {Listeners} uevent, {Files} memfd; "
            + $"DMA mappings: {string.Join('+', Mappings)}; groups: {AttachedGroups} attached, {OwnedGroups} owned; "
            + $"devices: {OpenDevices} open, {MappedBars} BARs mapped; pages: {PinnedPages} pinned, {LockedPages} locked; "
            + $"memory mappings: {LiveMappings}"
            + (Iommufds + Cdevs + Contexts == 0
                ? ""
                : $"; iommufd: {Iommufds} open, {Contexts} held, {Cdevs} device nodes open, {BoundDevices} bound; "
                    + $"{Ioases} IOAS with {Areas} mappings, {PageTables} page tables");
}
