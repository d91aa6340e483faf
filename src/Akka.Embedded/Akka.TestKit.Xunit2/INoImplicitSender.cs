namespace Akka.TestKit;

/// <summary>Marks test classes whose thread sends without a sender.</summary>
public interface INoImplicitSender
{
}
