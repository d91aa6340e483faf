using System.Buffers.Binary;
using Vmm.Iommu.Results;
using Vmm.Lab.Histories;
using Vmm.Lab.Running;

namespace Vmm.Lab.Tests.Histories;

public sealed class KnownTests
{
    private static readonly Handle First = new(HandleKind.Container, 0);
    private static readonly Handle Second = new(HandleKind.Container, 1);
    private static readonly Handle Iommu = new(HandleKind.Iommu, 0);

    private readonly Known _known = new();

    [Fact]
    public void A_slot_that_is_opened_again_holds_nothing_of_the_container_before()
    {
        foreach (var line in (string[])["open on=container:0", "open on=container:1", "map on=container:0 iova=0x1000 size=0x200000000", "map on=container:1 iova=0x1000 size=0x200000000"])
        {
            Hear(line, Outcome.Of(SysResult.Ok));
        }

        Assert.True(_known.HoldsVast(First));

        Hear("close on=container:0", Outcome.Of(SysResult.Ok));
        Hear("open on=container:0", Outcome.Of(SysResult.Ok));

        Assert.Equal((false, true), (_known.HoldsVast(First), _known.HoldsVast(Second)));
        Assert.Equal(Second.Number, Assert.Single(_known.Mapped).Space);
    }

    [Theory]
    [InlineData("close on=iommu:0", 0, 0)]
    [InlineData("close on=iommu:0", 9, 1)]
    [InlineData("close on=container:0", 0, 1)]
    public void An_iommufd_takes_its_mappings_with_it_when_it_is_closed_and_no_other_slot_does(string close, int errno, int left)
    {
        Hear("open on=iommu:0", Outcome.Of(SysResult.Ok));
        Hear("ioas-map on=iommu:0 ioas=2 length=0x3000", new Outcome(Errno.None, 0, Written(iova: 0x4000)));
        Assert.Equal((Known.Space(Iommu, 2), 0x4000UL, 0x3000UL), Assert.Single(_known.Mapped));

        Hear(close, Outcome.Of(new Errno(errno)));

        Assert.Equal(left, _known.Mapped.Count);
    }

    private static byte[] Written(ulong iova)
    {
        var answer = new byte[40];
        BinaryPrimitives.WriteUInt64LittleEndian(answer.AsSpan(32), iova);
        return answer;
    }

    private void Hear(string line, Outcome answer) => _known.Hear(Operation.Parse(line), answer);
}
