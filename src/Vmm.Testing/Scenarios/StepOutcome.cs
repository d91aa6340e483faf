namespace Vmm.Testing.Scenarios;

/// <summary>How a step ends.</summary>
public enum StepOutcome
{
    /// <summary>Done; for steps that know no refusal.</summary>
    Done,

    /// <summary>The device is in.</summary>
    Attached,

    /// <summary>A rule said no, and nothing has changed.</summary>
    Refused,

    /// <summary>The device is out.</summary>
    Detached,

    /// <summary>The device is closed, but the kernel keeps its group.</summary>
    Pending,

    /// <summary>The view can be committed.</summary>
    Prepared,

    /// <summary>The view is in force.</summary>
    Committed,

    /// <summary>There is a plan.</summary>
    Planned,

    /// <summary>Taken back, and undone.</summary>
    Abandoned,

    /// <summary>The IOMMU stopped a device's access.</summary>
    DmaFault,

    /// <summary>An exception: something failed that no rule covers.</summary>
    Fault,

    /// <summary>Not done: this machine's device cannot do it. Nothing is expected of it then, and it is no expectation.</summary>
    Skipped,

    /// <summary>It never ended: nothing can run, and somebody owes a reply. Expected of no step.</summary>
    Stalled,
}
