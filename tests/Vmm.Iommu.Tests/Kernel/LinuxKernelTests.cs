using System.Runtime.InteropServices;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Kernel;

/// <summary>The Linux side of the fence, on the kernel that runs the tests. Needs no VFIO and no root.</summary>
public sealed class LinuxKernelTests
{
    private readonly LinuxKernel _kernel = new();

    [Fact]
    public void A_descriptor_that_knows_no_vfio_answers_enotty()
    {
        var opened = _kernel.Open("/dev/null");
        Assert.True(opened.IsOk);
        Assert.Equal(Errno.ENOTTY, VfioCalls.GetApiVersion(_kernel, opened.Descriptor).Errno);
        Assert.Equal(Errno.ENOTTY, VfioCalls.IommuGetInfo(_kernel, opened.Descriptor).Errno);
        Assert.True(_kernel.Close(opened.Descriptor).IsOk);
    }

    [Theory]
    [InlineData("/dev/vfio/no-such-group", 2)]
    [InlineData("/dev/null/below", 20)]
    [InlineData("/", 21)]
    public void An_open_that_fails_gives_its_errno(string path, int errno) => Assert.Equal(new Errno(errno), _kernel.Open(path).Errno);

    [Fact]
    public void A_bad_descriptor_is_ebadf()
    {
        Assert.Equal(Errno.EBADF, _kernel.Close(-1).Errno);
        Assert.Equal(Errno.EBADF, VfioCalls.GetApiVersion(_kernel, -1).Errno);
        Assert.Equal(Errno.EBADF, _kernel.Receive(-1, new byte[64]).Errno);
    }

    [Fact]
    public void A_struct_that_claims_more_than_it_has_never_reaches_the_kernel()
    {
        var argument = new byte[8];
        MemoryMarshal.Write(argument, 9u);
        Assert.Equal(Errno.EFAULT, _kernel.Ioctl(-1, VfioUapi.GroupGetStatus, argument).Errno);
        Assert.Equal(Errno.EFAULT, _kernel.Ioctl(-1, VfioUapi.GroupGetStatus, argument.AsSpan(0, 3)).Errno);
        MemoryMarshal.Write(argument, 8u);
        Assert.Equal(Errno.EBADF, _kernel.Ioctl(-1, VfioUapi.GroupGetStatus, argument).Errno);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void A_pointer_outside_the_struct_never_reaches_the_kernel(int at)
    {
        var argument = new byte[8];
        MemoryMarshal.Write(argument, 8u);
        Assert.Equal(Errno.EFAULT, _kernel.Ioctl(-1, VfioUapi.GroupGetStatus, argument, at, new byte[8]).Errno);
    }

    [Fact]
    public void A_patched_pointer_does_not_stay_in_the_struct()
    {
        var argument = new byte[24];
        MemoryMarshal.Write(argument, 24u);
        argument.AsSpan(8).Fill(0xaa);
        _kernel.Ioctl(-1, VfioUapi.IommuDirtyPages, argument, 8, new byte[8]);
        Assert.Equal(0ul, MemoryMarshal.Read<ulong>(argument.AsSpan(8)));
        Assert.Equal(0xaaaa_aaaa_aaaa_aaaa, MemoryMarshal.Read<ulong>(argument.AsSpan(16)));
    }

    [Fact]
    public void Two_mappings_of_a_memfd_show_the_same_bytes()
    {
        var file = _kernel.CreateMemfd("fence-test", 0x4000);
        Assert.True(file.IsOk);
        var first = Map(file.Descriptor, 0, 0x4000);
        var second = Map(file.Descriptor, 0x2000, 0x2000);
        Assert.True(_kernel.Populate(first.Address, 0x4000, writable: true).IsOk);
        first.Bytes(0x2000, 4)[3] = 0x5a;
        Assert.Equal(0x5a, second.Bytes(0, 4)[3]);
        first.Retire();
        second.Retire();
        Assert.True(_kernel.CloseMemfd(file.Descriptor).IsOk);
    }

    [Fact]
    public void A_private_mapping_keeps_its_writes_to_itself()
    {
        var file = _kernel.CreateMemfd("fence-test", 0x1000);
        var mine = _kernel.Map(0x1000, MappingProtection.ReadWrite, MappingSharing.Private, file.Descriptor, 0);
        var block = RamBlock.FromExisting("private", new((ulong)mine.Value), 0x1000, released: () => _kernel.Unmap(new((ulong)mine.Value), 0x1000));
        var shared = Map(file.Descriptor, 0, 0x1000);
        block.Bytes(0, 1)[0] = 1;
        Assert.Equal(0, shared.Bytes(0, 1)[0]);
        block.Retire();
        shared.Retire();
        _kernel.CloseMemfd(file.Descriptor);
    }

    [Fact]
    public void Memory_calls_give_their_errno()
    {
        Assert.Equal(Errno.EINVAL, _kernel.CreateMemfd("too-long", ulong.MaxValue).Errno);
        Assert.Equal(Errno.EINVAL, _kernel.CreateMemfd(new string('x', 250), 0x1000).Errno);
        Assert.Equal(Errno.EBADF, _kernel.Map(0x1000, MappingProtection.Read, MappingSharing.Shared, -1, 0).Errno);
        Assert.Equal(Errno.EINVAL, _kernel.Map(0, MappingProtection.Read, MappingSharing.Anonymous, -1, 0).Errno);
        Assert.Equal(Errno.EINVAL, _kernel.Unmap(new HostAddress(1), 0x1000).Errno);
    }

    [Fact]
    public void Unmapped_memory_cannot_be_populated()
    {
        var mapped = _kernel.Map(0x1000, MappingProtection.ReadWrite, MappingSharing.Anonymous, -1, 0);
        var address = new HostAddress((ulong)mapped.Value);
        Assert.True(_kernel.Populate(address, 0x1000, writable: false).IsOk);
        Assert.True(_kernel.Unmap(address, 0x1000).IsOk);
        Assert.Equal(Errno.ENOMEM, _kernel.Populate(address, 0x1000, writable: true).Errno);
    }

    [Fact]
    public void An_event_is_a_descriptor_of_its_own()
    {
        var first = _kernel.CreateEvent();
        var second = _kernel.CreateEvent();
        Assert.NotEqual(first.Descriptor, second.Descriptor);
        Assert.Equal(Errno.ENOTTY, _kernel.Ioctl(first.Descriptor, VfioUapi.GetApiVersion, 0).Errno);
        Assert.True(_kernel.Close(first.Descriptor).IsOk);
        Assert.True(_kernel.Close(second.Descriptor).IsOk);
    }

    [Fact]
    public void Listening_for_uevents_answers_a_socket_or_the_reason()
    {
        var listening = _kernel.Listen();
        if (!listening.IsOk)
        {
            Assert.NotEqual(0, listening.Errno.Number);
            return;
        }

        var received = _kernel.Receive(listening.Descriptor, new byte[4096]);
        Assert.True(received.IsOk ? received.Value > 0 : received.Errno == Errno.EAGAIN, received.ToString());
        Assert.True(((IUevents)_kernel).Close(listening.Descriptor).IsOk);
    }

    [Fact]
    public void The_four_sides_are_named_linux() => Assert.Equal("linux", LinuxKernel.Create().Name);

    private RamBlock Map(int file, ulong offset, ulong length)
    {
        var mapped = _kernel.Map(length, MappingProtection.ReadWrite, MappingSharing.Shared, file, offset);
        Assert.True(mapped.IsOk, mapped.ToString());
        var address = new HostAddress((ulong)mapped.Value);
        return RamBlock.FromExisting("mapped", address, length, released: () => _kernel.Unmap(address, length));
    }
}
