using Vmm.Actors;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;

namespace Vmm.Hosting;

/// <summary>
/// What a host of Vmm can be told. Each property but <see cref="KernelSource"/> is a key of <c>configs/vmm.json</c>;
/// <see cref="VmmOptionKeys"/> holds the keys' names, shapes, defaults and words.
/// </summary>
public sealed record VmmOptions : IKernelChoice
{
    /// <summary>Which kernel, <c>linux</c> or <c>emulated</c>; null where <see cref="KernelSource"/> says it.</summary>
    public string? Kernel { get; set; }

    /// <summary>The captured host of an emulated kernel: a directory or a tar.gz of its sysfs. Null with <c>linux</c>.</summary>
    public string? Host { get; set; }

    /// <summary>How long a command may take before it is taken back; above zero. Attaching pins all of a guest's memory.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the release of everything may take at the end; above zero.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What the kernel is asked for: steady never unmaps memory that stays, qemu asks exactly what QEMU asks.</summary>
    public MappingPlanMode Mode { get; set; }

    /// <summary>By which path of the kernel devices are opened: legacy containers where there are some, else iommufd; or one of them.</summary>
    public BackendChoice Backend { get; set; }

    /// <summary>Populate the guest's memory by as many threads as there are cores before it is pinned.</summary>
    public bool Populate { get; set; } = true;

    /// <summary>Requests that a container's ring holds: 1 to 1,048,576.</summary>
    public int RingCapacity { get; set; } = 1023;

    /// <summary>Listen to uevents and scan the host again after them.</summary>
    public bool WatchHost { get; set; } = true;

    /// <summary>Quiet time after a uevent before the host is scanned: 0 to 10 seconds.</summary>
    public TimeSpan RescanDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public Func<HostKernel>? KernelSource { get; set; }
}
