using Microsoft.Extensions.DependencyInjection;

namespace Akka.DependencyInjection;

internal sealed class ResolverScope(IServiceScope scope) : IResolverScope
{
    public IDependencyResolver Resolver { get; } = new ServiceProviderDependencyResolver(scope.ServiceProvider);

    public void Dispose() => scope.Dispose();
}
