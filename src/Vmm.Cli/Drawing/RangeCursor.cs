using Vmm.Iommu.Addressing;

namespace Vmm.Cli.Drawing;

/// <summary>Walks through ranges that share no byte. Asked in ascending order, all answers together cost one walk.</summary>
internal sealed class RangeCursor<T>(IEnumerable<T> items, Func<T, IovaRange> rangeOf)
    where T : class
{
    private readonly List<T> _items = [.. items.OrderBy(rangeOf)];
    private int _at;

    /// <summary>What lies at an address, which is not below the one asked for before.</summary>
    internal T? At(Iova address)
    {
        while (_at < _items.Count && rangeOf(_items[_at]).Last < address)
        {
            _at++;
        }

        return _at < _items.Count && rangeOf(_items[_at]).Contains(address) ? _items[_at] : null;
    }
}
