namespace Vmm.Testing.Recordings;

/// <summary>The first call that the emulated kernel answered otherwise.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Number">Its number among the calls, from 1.</param>
/// <param name="Call">The call and what it was made on: <c>VFIO_IOMMU_MAP_DMA on /dev/vfio/vfio#14</c>.</param>
/// <param name="Arguments">Its arguments as they were recorded.</param>
/// <param name="Recorded">The recorded answer.</param>
/// <param name="Emulated">The emulated answer.</param>
public sealed record RecordingDifference(
    int Line, long Number, string Call, IReadOnlyDictionary<string, string> Arguments, string Recorded, string Emulated);
