namespace Akka.Embedded.Tests.Support;

/// <summary>The failure that tests cause.</summary>
public sealed class BoomException(string message = "boom") : Exception(message);
