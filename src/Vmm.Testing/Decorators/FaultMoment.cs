namespace Vmm.Testing.Decorators;

/// <summary>When a planned failure strikes.</summary>
public enum FaultMoment
{
    /// <summary>The call is not made.</summary>
    BeforeEffect,

    /// <summary>The call is made, and its success is told as a failure.</summary>
    AfterEffect,
}
