namespace Vmm.Testing.Scenarios;

/// <summary>How an actor ends.</summary>
public enum ActorEnd
{
    /// <summary>Stopped after the message that it has in hand.</summary>
    Stop,

    /// <summary>Stopped after the messages that wait for it.</summary>
    Kill,

    /// <summary>It throws in the middle of its work, at its next send.</summary>
    Fault,
}
