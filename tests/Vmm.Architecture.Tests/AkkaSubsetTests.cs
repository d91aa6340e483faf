using System.Reflection;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

/// <summary>What stands in for Akka.NET shows nothing that Akka.NET does not show in the same shape.</summary>
public sealed class AkkaSubsetTests
{
    private static readonly Assembly[] Assemblies =
    [
        typeof(Akka.Actor.ActorSystem).Assembly, typeof(Akka.Hosting.ActorRegistry).Assembly, typeof(Akka.TestKit.TestKitBase).Assembly,
    ];

    [Fact]
    public void Every_public_and_protected_member_is_one_of_akka_net_and_comes_with_its_overloads()
    {
        var types = Assemblies.SelectMany(a => a.GetExportedTypes()).ToArray();
        Assert.True(types.Length > 100, $"Only {types.Length} types were found.");
        Assert.Empty(new AkkaSubsetComparer(ReadListing(), types).Compare());
    }

    private static AkkaSubsetApi ReadListing() => new(Repository.Read("tests/Vmm.Architecture.Tests/Data/akka-api.txt").Split('\n'));
}
