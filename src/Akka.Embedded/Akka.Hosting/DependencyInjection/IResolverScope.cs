namespace Akka.DependencyInjection;

/// <summary>A scope of services; ends them when it is disposed.</summary>
public interface IResolverScope : IDisposable
{
    IDependencyResolver Resolver { get; }
}
