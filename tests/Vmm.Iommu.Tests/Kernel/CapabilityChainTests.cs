using System.Buffers.Binary;
using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Tests.Kernel;

[Trait("Requirement", "R0.2")]
public sealed class CapabilityChainTests
{
    private const int FixedSize = 24;

    [Fact]
    public void A_chain_is_walked_in_its_own_order()
    {
        var buffer = Buffer(120, (24, 2, 1, 56), (56, 3, 1, 72), (72, 1, 1, 0));
        var chain = CapabilityChain.Walk(buffer, 24, FixedSize);
        Assert.Null(chain.Fault);
        Assert.Equal([new Capability(2, 1, 24, 32), new Capability(3, 1, 56, 16), new Capability(1, 1, 72, 48)], chain.Links);
        Assert.True(chain.TryFind(1, out var ranges));
        Assert.Equal(48, ranges.In(buffer).Length);
        Assert.False(chain.TryFind(9, out _));
    }

    [Fact]
    public void A_chain_may_go_backwards()
    {
        var chain = CapabilityChain.Walk(Buffer(64, (48, 1, 1, 24), (24, 2, 1, 0)), 48, FixedSize);
        Assert.Null(chain.Fault);
        Assert.Equal([new Capability(1, 1, 48, 16), new Capability(2, 1, 24, 24)], chain.Links);
    }

    [Fact]
    public void No_first_offset_is_an_empty_chain() => Assert.Empty(CapabilityChain.Walk(new byte[24], 0, FixedSize).Links);

    [Theory]
    [InlineData(24, 8, "outside")]
    [InlineData(24, 0x4000, "points to a capability at 0x4000")]
    [InlineData(24, 57, "outside")]
    [InlineData(24, uint.MaxValue, "outside")]
    [InlineData(24, 24, "loop")]
    [InlineData(24, 28, "inside the header")]
    [InlineData(57, 0, "the struct points to a capability at 0x39")]
    [InlineData(4, 0, "outside")]
    public void A_chain_that_lies_is_said_in_words_and_has_no_links(uint first, uint next, string words)
    {
        var chain = CapabilityChain.Walk(Buffer(64, (24, 2, 1, next)), first, FixedSize);
        Assert.Contains(words, chain.Fault, StringComparison.Ordinal);
        Assert.Empty(chain.Links);
    }

    [Fact]
    public void A_loop_over_several_links_ends() =>
        Assert.Contains("loop", CapabilityChain.Walk(Buffer(64, (24, 1, 1, 40), (40, 2, 1, 24)), 24, FixedSize).Fault, StringComparison.Ordinal);

    [Fact]
    public void A_chain_without_end_is_given_up()
    {
        var links = Enumerable.Range(0, CapabilityChain.MostLinks + 1).Select(link => (24 + (link * 8), 1, 1, (uint)(32 + (link * 8)))).ToArray();
        Assert.Contains("more than", CapabilityChain.Walk(Buffer(1024, links), 24, FixedSize).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_never_leave_the_buffer()
    {
        var random = new Random(20181);
        var buffer = new byte[256];
        for (var round = 0; round < 20_000; round++)
        {
            random.NextBytes(buffer);
            for (var at = 0; at < buffer.Length; at += 4)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(at), (uint)random.Next(0, 300));
            }

            foreach (var link in CapabilityChain.Walk(buffer, (uint)random.Next(0, 300), FixedSize).Links)
            {
                Assert.True(link.In(buffer).Length >= 8);
            }
        }
    }

    private static byte[] Buffer(int length, params (int At, int Id, int Version, uint Next)[] links)
    {
        var buffer = new byte[length];
        foreach (var (at, id, version, next) in links)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(at), (ushort)id);
            BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(at + 2), (ushort)version);
            BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(at + 4), next);
        }

        return buffer;
    }
}
