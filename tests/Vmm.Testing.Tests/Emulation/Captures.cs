namespace Vmm.Testing.Tests.Emulation;

/// <summary>The captured hosts, as they lie beside the test assembly.</summary>
internal static class Captures
{
    public static string Host(string name) => Path.Combine(AppContext.BaseDirectory, "hosts", name + ".tar.gz");
}
