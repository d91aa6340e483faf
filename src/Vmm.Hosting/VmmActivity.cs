using System.Diagnostics;

namespace Vmm.Hosting;

/// <summary>The source of spans: one for each attach, detach and view that a caller asks for. Tags: <c>address_space</c>, <c>container</c>, <c>device</c>, <c>outcome</c>.</summary>
public static class VmmActivity
{
    /// <summary>What a listener subscribes to.</summary>
    public const string SourceName = "Vmm";

    internal static readonly ActivitySource Source = new(SourceName);
}
