namespace Vmm.Contract.Hosts;

/// <summary>The interrupt of a device, raised as its own logic raises it: by whichever of INTx and MSI is on.</summary>
public interface IInterruptLine
{
    /// <summary>Has the device want attention. INTx stays up until <see cref="Lower"/>.</summary>
    void Raise();

    /// <summary>Tells the device that it was served.</summary>
    void Lower();
}
