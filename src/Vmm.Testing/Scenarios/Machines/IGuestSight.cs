namespace Vmm.Testing.Scenarios.Machines;

/// <summary>Guest memory as the guest's processor sees it.</summary>
internal interface IGuestSight
{
    /// <summary>True when the guest has memory in the whole range.</summary>
    bool HasMemory(ulong address, int count);

    /// <summary>A page of RAM that devices may write, away from some address however memory repeats; null where there is none.</summary>
    ulong? PageAwayFrom(ulong address);

    /// <summary>What the guest sees.</summary>
    byte[] Read(ulong address, int count);

    /// <summary>The guest writes.</summary>
    void Write(ulong address, ReadOnlySpan<byte> bytes);
}
