namespace Akka.Actor;

/// <summary>What to do with a child that failed. Here it can only be stopped: code that names another directive does not compile.</summary>
public enum Directive
{
    Stop = 3,
}
