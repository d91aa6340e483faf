namespace Vmm.Testing.Emulation;

/// <summary>A captured host that cannot be used. The message is one line: file, line, what is wrong, what is right.</summary>
public sealed class HostLoadException : Exception
{
    /// <summary>Without a place; prefer the constructor that names it.</summary>
    public HostLoadException()
    {
    }

    /// <summary>With a message of one line.</summary>
    public HostLoadException(string message)
        : base(message)
    {
    }

    /// <summary>With a message of one line and what caused it.</summary>
    public HostLoadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A refusal that names its place.</summary>
    /// <param name="source">The archive or directory.</param>
    /// <param name="place">Path inside it, with <c>:line</c> where there is one.</param>
    /// <param name="wrong">What is wrong.</param>
    /// <param name="right">What is right.</param>
    internal static HostLoadException At(string source, string place, string wrong, string right) =>
        new($"{source}: {place}: {wrong}; {right}");
}
