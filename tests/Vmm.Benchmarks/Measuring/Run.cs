namespace Vmm.Benchmarks.Measuring;

/// <summary>How much is to be measured, and the blocks of it.</summary>
/// <param name="IsQuick">True for a look: short blocks, whose figures jitter.</param>
internal sealed record Run(bool IsQuick)
{
    /// <summary>Blocks of each body.</summary>
    public int Blocks { get; init; } = 15;

    /// <summary>Blocks in front of them that do not count.</summary>
    public int WarmUps { get; init; } = 1;

    /// <summary>A size: the whole one, or that of a look.</summary>
    public int Of(int whole, int quick) => IsQuick ? quick : whole;

    /// <summary>
    /// Measures bodies in turn, a block of each, in an order that turns with the block, so that what the machine does besides
    /// meets all of them alike; and the first body a second time, as control.
    /// </summary>
    /// <param name="shapes">At least one.</param>
    public Measured Alternate(params IReadOnlyList<Shape> shapes)
    {
        var all = shapes.Append(shapes[0]).Select(shape => new Series(shape, Blocks)).ToList();
        for (var block = -WarmUps; block < Blocks; block++)
        {
            for (var turn = 0; turn < all.Count; turn++)
            {
                all[(turn + block + WarmUps) % all.Count].Measure(counts: block >= 0);
            }
        }

        return new Measured(all[..^1], all[^1]);
    }
}
