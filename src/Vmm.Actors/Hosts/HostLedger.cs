using Vmm.Iommu.Topology;

namespace Vmm.Actors.Hosts;

/// <summary>What the host's actors know and promised; outlives them.</summary>
internal sealed class HostLedger
{
    // The host's actor and every group's touch these, each in its own time.
    private readonly Lock _gate = new();
    private readonly Dictionary<int, string> _leases = [];
    private readonly HashSet<string> _heldUnused = [];

    /// <summary>The host as last scanned.</summary>
    public HostTopology Topology { get; set; } = HostTopology.Nothing;

    /// <summary>Who listens, and the number of the newest event.</summary>
    public Subscribers Subscribers { get; } = new();

    /// <summary>The space that a group in use is leased to; null when it is free.</summary>
    public string? HolderOf(int group)
    {
        lock (_gate)
        {
            return _leases.GetValueOrDefault(group);
        }
    }

    /// <summary>Leases a group for a device, which is held unused no longer, unless another space has the group.</summary>
    public void Lease(int group, string space, string device)
    {
        lock (_gate)
        {
            if (_leases.TryAdd(group, space) || _leases[group] == space)
            {
                _heldUnused.Remove(device);
            }
        }
    }

    /// <summary>Ends the lease of a group, if the space has it.</summary>
    public void Release(int group, string space)
    {
        lock (_gate)
        {
            if (_leases.TryGetValue(group, out var holder) && holder == space)
            {
                _leases.Remove(group);
                _heldUnused.RemoveWhere(device => !Topology.TryGetDevice(device, out var held) || held.Group?.Value == group);
            }
        }
    }

    /// <summary>The groups that a space has.</summary>
    public IReadOnlyList<int> GroupsOf(string space)
    {
        lock (_gate)
        {
            return [.. _leases.Where(lease => lease.Value == space).Select(lease => lease.Key)];
        }
    }

    /// <summary>A device that turned up in a group while it was leased is held unused.</summary>
    public void Hold(string device)
    {
        lock (_gate)
        {
            _heldUnused.Add(device);
        }
    }

    /// <summary>A device is held unused no longer.</summary>
    public void Unhold(string device)
    {
        lock (_gate)
        {
            _heldUnused.Remove(device);
        }
    }

    /// <summary>Whether a device is held unused.</summary>
    public bool IsHeld(string device)
    {
        lock (_gate)
        {
            return _heldUnused.Contains(device);
        }
    }
}
