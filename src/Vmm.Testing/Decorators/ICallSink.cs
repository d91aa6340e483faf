namespace Vmm.Testing.Decorators;

/// <summary>Where a <see cref="RecordingKernel"/> hands its calls, in the order that they were answered.</summary>
internal interface ICallSink
{
    /// <summary>A call is about to be made: what has happened to the host before it stands before it.</summary>
    void BeforeCall();

    /// <summary>A directory of sysfs is about to be listed.</summary>
    void BeforeList(string path);

    /// <summary>A call was answered.</summary>
    void Keep(KernelCall call);
}
