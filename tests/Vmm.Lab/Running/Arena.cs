using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Running;

/// <summary>
/// The memory that histories map: made once by the running kernel, used by both sides, so that addresses are the same in
/// both and so is what follows from them. Behind each block lie pages past the end of its file: addresses that are mapped and
/// cannot be pinned. So no pin ever runs into memory of the runtime.
/// </summary>
internal sealed class Arena : IDisposable
{
    private const ulong Page = 0x1000;

    /// <summary>More than any history's offset and small size together.</summary>
    private const ulong Guard = 4096 * Page;

    private readonly HostKernel _linux = LinuxKernel.Create();
    private readonly List<MemoryBlock> _blocks = [];

    public Arena()
    {
        Add("ram", 256 * Page, MappingProtection.ReadWrite, MappingSharing.Private, AddressKind.Ram);
        Add("shared", 1024 * Page, MappingProtection.ReadWrite, MappingSharing.Shared, AddressKind.Ram);
        Add("readonly", 16 * Page, MappingProtection.Read, MappingSharing.Shared, AddressKind.ReadOnly);
        Add("none", 16 * Page, MappingProtection.None, MappingSharing.Shared, AddressKind.Absent);
        Add("short", Page, MappingProtection.ReadWrite, MappingSharing.Shared, AddressKind.Ram);

        // KERNEL: nothing is ever mapped below vm.mmap_min_addr, nor in the kernel's half, nor at the very top.
        _blocks.Add(new("low", Page, 0, AddressKind.Absent));
        _blocks.Add(new("kernel", 0xffff_8000_0000_0000, 0, AddressKind.Absent));
        _blocks.Add(new("top", 0xffff_ffff_ffff_0000, 0, AddressKind.Absent));
    }

    /// <summary>The blocks, by the number that histories use.</summary>
    public IReadOnlyList<MemoryBlock> Blocks => _blocks;

    /// <summary>Tells an emulated kernel what the blocks are.</summary>
    public void DeclareTo(EmulatedKernel kernel)
    {
        foreach (var block in _blocks.Where(block => block.Length > 0))
        {
            kernel.Declare(new HostAddress(block.Address), block.Length, block.Kind);
            kernel.Declare(new HostAddress(block.Address + block.Length), Guard, AddressKind.Absent);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var block in _blocks.Where(block => block.Length > 0))
        {
            _linux.Memory.Unmap(new HostAddress(block.Address), block.Length + Guard);
        }

        _blocks.Clear();
    }

    private static long Good(SysResult result, string what) =>
        result.IsOk ? result.Value : throw new IommuException(what, "memory of the differential run", result.Errno, "free memory, or raise the limit on address space");

    private void Add(string name, ulong length, MappingProtection protection, MappingSharing sharing, AddressKind kind)
    {
        var file = (int)Good(_linux.Memory.CreateMemfd("vmm-lab " + name, length), "memfd_create");
        var address = (ulong)Good(_linux.Memory.Map(length + Guard, protection, sharing, file, 0), "mmap");
        _linux.Memory.CloseMemfd(file);
        _blocks.Add(new(name, address, length, kind));

        // Pages are there from the start: a pin of a page that nobody touched would find the zero page in one run and not in the next.
        if (protection == MappingProtection.ReadWrite)
        {
            RamBlock.FromExisting("vmm-lab " + name, new HostAddress(address), length).Bytes(0, (int)length).Fill(0x5a);
        }
    }
}
