namespace Vmm.Benchmarks.Results;

/// <summary>A file of results that cannot be read or written; the message names the file, what is wrong, and what to do.</summary>
internal sealed class BadResultsException(string message, Exception? cause = null) : Exception(message, cause);
