using Akka.Actor;

namespace Akka.TestKit.Internal;

/// <summary>What a test actor got, and from whom.</summary>
internal sealed record ReceivedMessage(object Message, IActorRef Sender);
