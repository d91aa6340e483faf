namespace Vmm.Testing.Emulation;

/// <summary>How many message interrupts a PCI function has. A captured sysfs does not tell; one MSI is assumed there.</summary>
/// <param name="Msi">MSI vectors; 0 without the capability.</param>
/// <param name="Msix">MSI-X vectors; 0 without the capability.</param>
public readonly record struct InterruptVectors(int Msi, int Msix);
