using Vmm.Lab.Running;

namespace Vmm.Lab.Histories;

/// <summary>
/// Writes a random history while it is run: a pure function of seed, number, backend, machine and what the kernel answers. What
/// was answered makes most operations likely to succeed; the rest is nearly right in every way there is.
/// </summary>
internal sealed class HistoryAuthor : IHistorySource
{
    private readonly Draft _draft;
    private readonly int _length;
    private readonly IReadOnlyList<(int Weight, Action<Draft> Write)> _menu;
    private readonly List<Operation> _given = [];
    private Step _step;

    /// <param name="seed">The run's seed.</param>
    /// <param name="number">Which history of the run, from 0.</param>
    /// <param name="backend">What it is about.</param>
    /// <param name="shape">What the machine has.</param>
    /// <param name="length">About how many operations.</param>
    public HistoryAuthor(ulong seed, int number, Backend backend, MachineShape shape, int length)
    {
        _draft = new Draft(new Dice(new Dice(seed + ((ulong)number * 0x1_0000_0001)).Next()), backend, shape);
        (_length, _menu) = (length, MenuOf(backend));
    }

    private enum Step
    {
        Begin,
        Middle,
        Close,
        Done,
    }

    /// <summary>What was given so far.</summary>
    public History Written => new([.. _given]);

    /// <inheritdoc/>
    public Operation? Next()
    {
        while (true)
        {
            if (_draft.Take() is { } operation)
            {
                _given.Add(operation);
                return operation;
            }

            if (_step == Step.Done)
            {
                return null;
            }

            WriteMore();
        }
    }

    /// <inheritdoc/>
    public void Hear(Operation operation, Outcome answer) => _draft.Known.Hear(operation, answer);

    private void WriteMore()
    {
        if (_step == Step.Begin)
        {
            LifeCycleOperations.Begin(_draft);
            _step = Step.Middle;
        }
        else if (_given.Count < _length)
        {
            // Half of the time what is missing comes first: without a backend there is nothing to map in.
            if (!_draft.Dice.Chance(50) || !LifeCycleOperations.TryApproach(_draft))
            {
                _draft.Dice.Weighted(_menu)(_draft);
            }
        }
        else if (_step == Step.Middle)
        {
            LifeCycleOperations.Look(_draft);
            _step = Step.Close;
        }
        else
        {
            LifeCycleOperations.CloseAll(_draft);
            _step = Step.Done;
        }
    }

    private static IReadOnlyList<(int Weight, Action<Draft> Write)> MenuOf(Backend backend) => backend switch
    {
        Backend.Iommufd => IommufdDrafts.Menu,
        Backend.NoIommu => [.. LifeCycleOperations.Menu, .. DeviceDrafts.Menu, (4, MappingDrafts.Map), (3, MappingDrafts.Unmap), (2, MappingDrafts.Info)],
        _ => [.. LifeCycleOperations.Menu, .. DeviceDrafts.Menu, .. MappingDrafts.Menu],
    };
}
