using Microsoft.Extensions.DependencyInjection;

namespace Vmm.Hosting;

/// <summary>The services that Vmm was added to, to see at the start what was added after it.</summary>
internal sealed record VmmRegistration(IServiceCollection Services);
