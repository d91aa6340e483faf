namespace Vmm.Litmus.Sites;

/// <summary>How accesses of a twin are broken. Nothing else of the code differs.</summary>
internal enum Breakage
{
    /// <summary>A read-modify-write reads, and writes later: what came between is lost.</summary>
    Split,

    /// <summary>A store stays in the thread's store buffer past the loads behind it, as where there is no full fence.</summary>
    Late,

    /// <summary>A store comes before the plain writes that it publishes.</summary>
    Early,

    /// <summary>A store comes before what devices and the kernel were told before it.</summary>
    BeforeEffects,
}
