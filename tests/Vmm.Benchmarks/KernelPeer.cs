using System.Diagnostics;
using System.Globalization;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Benchmarks;

/// <summary>The C program of Native/ioctl-pairs.c: bare ioctls on a container and on memory of this process.</summary>
internal sealed class KernelPeer : IDisposable
{
    private readonly Process _process;

    private KernelPeer(Process process) => _process = process;

    /// <summary>Starts it.</summary>
    /// <param name="program">Its file.</param>
    /// <param name="container">What it maps into.</param>
    /// <param name="ram">What it maps.</param>
    /// <param name="offset">From where in the memory, in bytes.</param>
    /// <param name="range">To where.</param>
    public static KernelPeer Start(string program, IDmaContainer container, RamBlock ram, ulong offset, IovaRange range)
    {
        var backend = container is IommufdContainer iommufd ? $"iommufd:{iommufd.Ioas}" : "type1";
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (object[])[backend, Environment.ProcessId, container.Descriptor, ram.Descriptor, offset, range.Start.Value, (ulong)range.Length])
        {
            start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"{argument}"));
        }

        return new KernelPeer(Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start."));
    }

    /// <summary>Nanoseconds of a pair, over so many.</summary>
    public double Pairs(int pairs)
    {
        _process.StandardInput.WriteLine(pairs.ToString(CultureInfo.InvariantCulture));
        _process.StandardInput.Flush();
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("ioctl-pairs ended; its message says why.");
        return double.Parse(line, CultureInfo.InvariantCulture) / pairs;
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
