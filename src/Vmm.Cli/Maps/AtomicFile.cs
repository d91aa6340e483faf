using System.Text;

namespace Vmm.Cli.Maps;

/// <summary>Writes a file whole or not at all: a reader sees what was there before, or everything.</summary>
internal static class AtomicFile
{
    /// <exception cref="CliException">It cannot be written; names the path. What was there before is as it was.</exception>
    internal static void Write(string path, string text)
    {
        var beside = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            File.WriteAllText(beside, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            if (File.Exists(beside))
            {
                File.Delete(beside);
            }

            throw new CliException($"{path}: cannot be written: {fault.Message.TrimEnd('.')}; name a file in a directory that can be written to", ExitCode.Error, fault);
        }
    }
}
