namespace Vmm.Litmus.Running;

/// <summary>The run says nothing about the code.</summary>
internal sealed class InconclusiveException(string words) : Exception(words);
