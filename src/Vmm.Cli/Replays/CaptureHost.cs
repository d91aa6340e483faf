namespace Vmm.Cli.Replays;

/// <summary>The host that a capture is replayed on.</summary>
internal static class CaptureHost
{
    // Captures stand in configs/captures, and the host that they were made on beside them.
    private const string Usual = "../hosts/capture-host.tar.gz";

    /// <summary>Path of a captured sysfs.</summary>
    /// <param name="capture">Path of the capture.</param>
    /// <param name="host">What was asked for; null for the host beside the capture.</param>
    /// <exception cref="CliException">It is no captured host.</exception>
    internal static string PathOf(string capture, HostSpec? host) => host switch
    {
        { EmulatedPath: { } path } => path,
        null => Path.GetRelativePath(".", Path.Combine(Path.GetDirectoryName(Path.GetFullPath(capture))!, Usual)),
        _ => throw new CliException($"{capture}: --host {host}: a capture is replayed on an emulated kernel; write --host emulated:PATH"),
    };
}
