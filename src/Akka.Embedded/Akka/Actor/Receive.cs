namespace Akka.Actor;

/// <summary>A behaviour; false when the message was not handled.</summary>
public delegate bool Receive(object message);
