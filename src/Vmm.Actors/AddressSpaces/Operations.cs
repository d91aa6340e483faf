namespace Vmm.Actors.AddressSpaces;

/// <summary>Which operation carries out which command.</summary>
internal static class Operations
{
    /// <summary>The operation that a command begins.</summary>
    public static IOperation For(ISpace space, AddressSpaceProtocol.ICommand command) => command switch
    {
        AddressSpaceProtocol.AttachDevice attach => new AttachOperation(space, attach),
        AddressSpaceProtocol.DetachDevice detach => new DetachOperation(space, detach),
        AddressSpaceProtocol.PrepareView prepare => new PrepareOperation(space, prepare),
        AddressSpaceProtocol.CommitView commit => new CommitOperation(space, commit),
        AddressSpaceProtocol.ChangeRules change => new RulesOperation(space, change),
        AddressSpaceProtocol.PlanAttach plan => new PlanOperation(space, plan),
        AddressSpaceProtocol.GetState state => new StateOperation(space, state),
        AddressSpaceProtocol.Close close => new ReleaseOperation(space, close),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "A space knows no such command."),
    };
}
