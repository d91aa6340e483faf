namespace Vmm.Testing.Captures;

/// <summary>What QEMU did, step by step: views of address spaces, devices that joined them, and the calls that it made of each.</summary>
/// <param name="File">Where it was read from.</param>
/// <param name="Steps">The steps, in order.</param>
public sealed record Capture(string File, IReadOnlyList<CaptureStep> Steps)
{
    /// <summary>True when a device joins through iommufd.</summary>
    public bool IsIommufd => Steps.Any(step => step is CaptureStep.Attach { Backend: "iommufd" });

    /// <summary>Reads a capture. Strict: nothing that it does not understand is passed over but keys at the top and beside the known ones.</summary>
    /// <param name="path">A JSON file.</param>
    /// <exception cref="CaptureFormatException">It cannot be used; names the place.</exception>
    public static Capture Load(string path)
    {
        try
        {
            return Parse(System.IO.File.ReadAllText(path), path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CaptureFormatException(path, "", $"the file cannot be read: {fault.Message}", "name a capture, such as configs/captures/q35-1g-boot-legacy.json", fault);
        }
    }

    /// <summary>Reads a capture from text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">What errors call it.</param>
    /// <exception cref="CaptureFormatException">It cannot be used; names the place.</exception>
    public static Capture Parse(string json, string file) => new CaptureReader(file).Read(json);
}
