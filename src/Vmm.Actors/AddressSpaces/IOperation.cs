namespace Vmm.Actors.AddressSpaces;

/// <summary>A command under way. One at a time in a space.</summary>
internal interface IOperation
{
    /// <summary>The command it carries out.</summary>
    Guid Id { get; }

    /// <summary>Makes the first step.</summary>
    void Begin();

    /// <summary>A container, the host or a task has answered.</summary>
    void Handle(object message);

    /// <summary>A container's actor stopped under it and has been replaced; what it was asked is lost.</summary>
    void ContainerLost(int container, string reason);

    /// <summary>The caller takes the command back. Operations that cannot be refused go on.</summary>
    void Abandon();
}
