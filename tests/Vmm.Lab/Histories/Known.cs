using System.Buffers.Binary;
using Vmm.Lab.Running;

namespace Vmm.Lab.Histories;

/// <summary>
/// What the answers to a history's operations tell of what there is now. It is for choosing likely operations only: what closes
/// by itself, such as a container that its last group left, it may not know.
/// </summary>
internal sealed class Known
{
    private const ulong Vast = 1UL << 32;
    private const int IommuShift = 32;

    private readonly SortedDictionary<ulong, int> _open = [];
    private readonly Dictionary<Handle, Handle> _containers = [];
    private readonly SortedDictionary<(ulong Iommu, uint Id), IdKind> _ids = [];

    /// <summary>Containers with a backend, and iommufds with an IOAS.</summary>
    public HashSet<Handle> Ready { get; } = [];

    /// <summary>Devices that an iommufd has, by it.</summary>
    public Dictionary<Handle, Handle> Bound { get; } = [];

    /// <summary>Containers that would not have a backend, and devices that no iommufd would have, since somebody joined or left.</summary>
    public HashSet<Handle> Refused { get; } = [];

    /// <summary>What was mapped, and in what that is still open: a container's number, or that of an IOAS as <see cref="Space"/> makes it.</summary>
    public List<(ulong Space, ulong Iova, ulong Size)> Mapped { get; } = [];

    /// <summary>The number of an IOAS among those of containers.</summary>
    public static ulong Space(Handle iommu, ulong ioas) => (iommu.Number << IommuShift) | ioas;

    /// <summary>Open slots of a kind, in order.</summary>
    public IReadOnlyList<Handle> OpenOf(HandleKind kind) => [.. _open.Keys.Select(Handle.Of).Where(handle => handle.Kind == kind)];

    /// <summary>Every open slot, in order.</summary>
    public IReadOnlyList<Handle> Open => [.. _open.Keys.Select(Handle.Of)];

    /// <summary>The number of the group or the device behind a slot; 0 for a slot that is not open.</summary>
    public int IndexOf(Handle handle) => _open.GetValueOrDefault(handle.Number);

    /// <summary>Groups that are in no container, or in one.</summary>
    public IReadOnlyList<Handle> Groups(bool joined) => [.. OpenOf(HandleKind.Group).Where(group => _containers.ContainsKey(group) == joined)];

    /// <summary>True when a group is in the container.</summary>
    public bool HasGroup(Handle container) => _containers.ContainsValue(container);

    /// <summary>True when a mapping of more than 4 GiB was made in the container since it was opened, gone or not.</summary>
    public bool HoldsVast(Handle container) => Mapped.Exists(range => range.Space == container.Number && range.Size > Vast);

    /// <summary>Ids of a kind, in order.</summary>
    public IReadOnlyList<ulong> IdsOf(Handle iommu, IdKind kind) =>
        [.. _ids.Where(pair => pair.Key.Iommu == iommu.Number && pair.Value == kind).Select(pair => (ulong)pair.Key.Id)];

    /// <summary>Learns from an answer.</summary>
    public void Hear(Operation operation, Outcome answer)
    {
        var on = operation.HandleOf("on");
        if (operation.Name is "set-iommu" or "bind" && !answer.Errno.IsNone)
        {
            Refused.Add(on);
        }

        if (!answer.Errno.IsNone || ReferenceEquals(answer, Outcome.Skipped))
        {
            return;
        }

        switch (operation.Name)
        {
            case "open":
                _open[on.Number] = (int)operation["index"];
                break;
            case "get-device":
                _open[operation["with"]] = (int)operation["device"];
                break;
            case "fault-queue":
                _open[operation["with"]] = 0;
                break;
            case "close":
                Closed(on);
                break;
            case "set-container":
                _containers[on] = operation.HandleOf("with");
                Refused.Remove(_containers[on]);
                break;
            case "unset-container":
                Left(on);
                break;
            case "set-iommu" when on.Kind == HandleKind.Container:
                Ready.Add(on);
                break;
            case "map":
                Mapped.Add((on.Number, operation["iova"], operation["size"]));
                break;
            default:
                HearIommufd(operation, on, answer);
                break;
        }
    }

    private void HearIommufd(Operation operation, Handle on, Outcome answer)
    {
        switch (operation.Name)
        {
            case "ioas-alloc":
                Ready.Add(on);
                _ids[(on.Number, UInt32(answer, 8))] = IdKind.Ioas;
                break;
            case "hwpt-alloc":
                _ids[(on.Number, UInt32(answer, 16))] = IdKind.PageTable;
                break;
            case "vfio-ioas" when operation["op"] == 0:
                _ids[(on.Number, UInt32(answer, 4))] = IdKind.Ioas;
                break;
            case "bind":
                Bound[on] = operation.HandleOf("with");
                _ids[(operation["with"], UInt32(answer, 12))] = IdKind.Device;
                break;
            case "attach" when Bound.TryGetValue(on, out var iommu) && UInt32(answer, 8) != operation["pt"]:
                _ids[(iommu.Number, UInt32(answer, 8))] = IdKind.PageTable;
                break;
            case "destroy":
                _ids.Remove((on.Number, (uint)operation["id"]));
                break;
            case "ioas-map" or "ioas-map-file":
                Mapped.Add((Space(on, operation["ioas"]), UInt64(answer, 32), operation["length"]));
                break;
            case "ioas-copy":
                Mapped.Add((Space(on, operation["to"]), UInt64(answer, 24), operation["length"]));
                break;
        }
    }

    private void Closed(Handle handle)
    {
        _open.Remove(handle.Number);
        Ready.Remove(handle);
        Bound.Remove(handle);
        Refused.Remove(handle);
        Mapped.RemoveAll(range => range.Space == handle.Number || range.Space >> IommuShift == handle.Number);
        Left(handle);

        // Its groups stay in a container that has no slot any more.
        foreach (var group in _containers.Where(pair => pair.Value == handle).Select(pair => pair.Key).ToList())
        {
            _containers[group] = default;
        }

        foreach (var id in _ids.Keys.Where(key => key.Iommu == handle.Number).ToList())
        {
            _ids.Remove(id);
        }
    }

    /// <summary>A container that its last group left has no backend any more.</summary>
    private void Left(Handle group)
    {
        if (!_containers.Remove(group, out var container))
        {
            return;
        }

        Refused.Remove(container);
        if (container.Kind == HandleKind.Container && !HasGroup(container))
        {
            Ready.Remove(container);
        }
    }

    private static uint UInt32(Outcome answer, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(answer.Written.AsSpan(offset));

    private static ulong UInt64(Outcome answer, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(answer.Written.AsSpan(offset));
}
