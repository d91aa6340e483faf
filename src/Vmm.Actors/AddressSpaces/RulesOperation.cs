using Vmm.Actors.Containers;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Changes the rules of a space. Other holes go into every container, one after the other, where none may have a mapping in it;
/// the first refusal is the answer, after the old holes are back everywhere. A hole that is gone has its RAM mapped.
/// </summary>
internal sealed class RulesOperation(ISpace space, AddressSpaceProtocol.ChangeRules command) : IOperation
{
    private SpaceRules _rules = space.Ledger.Rules;
    private AllOrNone? _containers;

    /// <inheritdoc/>
    public Guid Id => command.Id;

    /// <inheritdoc/>
    public void Begin()
    {
        if (WhyNot() is { } refusal)
        {
            Refused(refusal);
            return;
        }

        var touched = _rules.Regions.Equals(space.Ledger.Rules.Regions) ? [] : space.Ledger.Containers;
        _containers = new AllOrNone(
            space, touched.Select(container => container.Id), new ContainerProtocol.SetHoles([.. _rules.Regions]), Changed, Refused);
        _containers.Begin();
    }

    /// <inheritdoc/>
    public void Handle(object message) => _containers?.Handle(message);

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason) => _containers?.ContainerLost(
        container,
        new Refusal(RefusalReason.Fault, $"Container {container} stopped while it was given other holes: {reason}. The rules are as before: try again."));

    /// <inheritdoc/>
    public void Abandon()
    {
        // Changed in one step or not at all, and quickly: the caller learns which.
    }

    private void Changed()
    {
        space.Ledger.Rules = _rules;
        _containers!.Settle(_ => space.Finish(new AddressSpaceProtocol.RulesChanged(command.Id, _rules), WindowsCause.HolesChanged));
    }

    private void Refused(Refusal refusal) => space.Finish(new AddressSpaceProtocol.RulesRefused(command.Id, refusal));

    private Refusal? WhyNot()
    {
        var before = space.Ledger.Rules;
        try
        {
            _rules = command.Change(before);
            ArgumentNullException.ThrowIfNull(_rules);
            ArgumentNullException.ThrowIfNull(_rules.Holes);
        }
        catch (Exception fault)
        {
            return new Refusal(RefusalReason.Policy, $"The caller's change of rules failed: {fault.Message}");
        }

        var areHolesNew = !_rules.Regions.Equals(before.Regions);
        if (areHolesNew && before.FreezeWindows && _rules.FreezeWindows && space.Ledger.Containers.Count > 0)
        {
            return new Refusal(RefusalReason.Policy, $"The windows of space {space.Ledger.Name} are frozen (freeze-iova), so its holes stay as they are: end that in the same change, or before.");
        }

        var windows = _rules.Regions.CutFrom(WindowsBoard.Of(space.Ledger));
        return _rules.ToldWindows is { } told && !told.All(windows.Contains) && (areHolesNew || !told.Equals(before.ToldWindows))
            ? new Refusal(RefusalReason.Policy, $"The guest cannot be told the windows {told}: space {space.Ledger.Name} can map {windows}.")
            : null;
    }
}
