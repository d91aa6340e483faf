namespace Vmm.Testing.Emulation;

/// <summary>How many message interrupts a PCI function has. A captured sysfs does not tell; one MSI is assumed there.</summary>
/// <param name="Msi">MSI vectors; 0 without the capability.</param>
/// <param name="Msix">MSI-X vectors; 0 without the capability.</param>
/// <param name="IsUnserved">
/// True when nobody takes its messages, and turning them on is refused. KERNEL: ENOTSUPP for a function that is below no remapping unit
/// while interrupts are remapped.
/// </param>
/// <param name="MsixBar">The BAR that holds the table of MSI-X; null where nobody knows.</param>
public readonly record struct InterruptVectors(int Msi, int Msix, bool IsUnserved = false, int? MsixBar = null);
