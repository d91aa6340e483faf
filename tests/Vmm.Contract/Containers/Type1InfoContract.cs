using System.Buffers.Binary;
using Vmm.Contract.Hosts;
using Vmm.Contract.Stories;
using Vmm.Iommu.Kernel;

namespace Vmm.Contract.Containers;

/// <summary>GET_INFO of a type1 container, byte by byte, for every size that a caller can offer.</summary>
public abstract class Type1InfoContract
{
    private const int Least = 16;
    private const int Fixed = 24;
    private const byte Untouched = 0xa5;

    [SkippableFact]
    public void Every_size_is_answered_with_what_fits_and_what_is_needed()
    {
        using var host = CreateHost();
        using var run = new StoryRun(host);
        foreach (var call in new[] { "container c", "group g lone", "set-container g c", "set-iommu c 3" })
        {
            Assert.DoesNotContain("E", run.Play(StoryLine.Parse("opening", call)));
        }

        var needed = (int)U32(Ask(host, run, Fixed), 0);
        Assert.True(needed > Fixed + 16, $"{needed} bytes hold no capabilities");
        for (var size = 0; size <= needed + 16; size++)
        {
            Look(Ask(host, run, size), size, needed);
        }
    }

    /// <summary>The machine; skips the test where it has not what is needed.</summary>
    protected abstract IContractHost CreateHost();

    /// <summary>The answer in a buffer that is larger than what was offered; empty for EINVAL.</summary>
    private static byte[] Ask(IContractHost host, StoryRun run, int size)
    {
        var bytes = new byte[512];
        Array.Fill(bytes, Untouched);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, size);
        var answer = host.Kernel.Devices.Ioctl(run.DescriptorOf("c"), VfioUapi.IommuGetInfo, bytes);
        Assert.True(answer.IsOk ? size >= Least : size < Least && answer.Errno.Name == "EINVAL", $"{size} bytes: {answer}");
        return answer.IsOk ? bytes : [];
    }

    private static void Look(byte[] answer, int size, int needed)
    {
        if (answer.Length == 0)
        {
            return;
        }

        var isWhole = size >= needed;
        Assert.Equal(isWhole ? size : needed, (int)U32(answer, 0));
        Assert.Equal(VfioUapi.InfoPageSizes | VfioUapi.InfoCaps, U32(answer, 4));
        Assert.All(answer.Skip(isWhole ? needed : Math.Min(size, Fixed)), left => Assert.Equal(Untouched, left));
        if (size >= Fixed)
        {
            Assert.Equal(isWhole ? Fixed : 0, (int)U32(answer, 16));
        }

        if (isWhole)
        {
            Assert.Equal([VfioUapi.CapMigration, VfioUapi.CapDmaAvail, VfioUapi.CapIovaRange], Chain(answer, needed));
        }
    }

    /// <summary>The ids in their order; fails on a step out of the answer.</summary>
    private static List<ushort> Chain(byte[] answer, int needed)
    {
        var ids = new List<ushort>();
        for (var at = (int)U32(answer, 16); at != 0; at = (int)U32(answer, at + 4))
        {
            Assert.InRange(at, Fixed, needed - 8);
            Assert.True(ids.Count < 8, "the chain does not end");
            ids.Add(BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(at)));
        }

        return ids;
    }

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
