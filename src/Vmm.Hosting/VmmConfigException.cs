namespace Vmm.Hosting;

/// <summary>A configuration that cannot be used. The message is one line: where, which key, what is wrong, what is right.</summary>
public sealed class VmmConfigException : Exception
{
    /// <summary>A configuration that cannot be used.</summary>
    /// <param name="message">Where, which key, what is wrong, what is right.</param>
    /// <param name="inner">The cause, where one exists.</param>
    public VmmConfigException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
