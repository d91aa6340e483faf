using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>The ids of one iommufd: one space of numbers for every kind of object, the lowest free one first, from 1.</summary>
internal sealed class ObjectTable
{
    private readonly SortedDictionary<uint, IommufdObject> _objects = [];

    public bool IsEmpty => _objects.Count == 0;

    public IEnumerable<IommufdObject> All => _objects.Values;

    /// <summary>Gives an object the lowest free id.</summary>
    public void Add(IommufdObject added)
    {
        var id = 1u;
        foreach (var taken in _objects.Keys)
        {
            if (taken != id)
            {
                break;
            }

            id++;
        }

        added.Id = id;
        _objects.Add(id, added);
    }

    /// <summary>The object of an id, when it is of that kind.</summary>
    public T? Find<T>(uint id)
        where T : IommufdObject => _objects.GetValueOrDefault(id) as T;

    /// <summary>Takes an id back without destroying what it stood for.</summary>
    public void Drop(IommufdObject dropped) => _objects.Remove(dropped.Id);

    /// <summary>DESTROY.</summary>
    public Errno Destroy(uint id)
    {
        if (!_objects.TryGetValue(id, out var found))
        {
            return Errno.ENOENT;
        }

        if (found.Users > 0)
        {
            return Errno.EBUSY;
        }

        _objects.Remove(id);
        found.Destroy();
        return Errno.None;
    }

    /// <summary>Destroys everything, what others use last.</summary>
    public void Clear()
    {
        while (_objects.Values.FirstOrDefault(candidate => candidate.Users == 0) is { } leaf)
        {
            Destroy(leaf.Id);
        }
    }
}
