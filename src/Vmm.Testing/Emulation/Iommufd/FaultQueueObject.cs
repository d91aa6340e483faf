namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>A queue of page faults with an id; no device of the emulated hosts can fault, so it stays empty.</summary>
internal sealed class FaultQueueObject : IommufdObject
{
}
