using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Containers.Iommufd;

/// <summary>Devices in and out of an IOAS, call by call.</summary>
public sealed class IommufdAttachTests
{
    private readonly ScriptedIommufd _rig = new();

    [Fact]
    [Trait("Requirement", "R1.2")]
    public void The_first_device_gets_a_page_table_in_the_order_of_calls_of_QEMU()
    {
        var device = _rig.Device("a", 1);
        Assert.True(IommufdContainer.TryOpen(_rig.Devices, device, out var container, out _));
        Assert.Equal(["ioas", "info 1", "table flags 0 for 1 on 1", "attach 2", "ranges 1", "ranges 1"], _rig.Calls);
        Assert.Equal([2u], container.PageTables);
        Assert.Equal(2u, device.AttachedTo);
        Assert.Equal("0x0-0xfedfffff 0xfef00000-0xffffffffffff", container.InfoAtOpen.Windows!.ToString());
    }

    [Fact]
    public void A_second_device_shares_the_page_table_that_suits_it()
    {
        var container = _rig.Container(_rig.Device("a", 1));
        var second = _rig.Device("b", 2);
        Assert.True(container.Attach(second).IsOk);
        Assert.Equal(["attach 2"], _rig.Calls);
        Assert.Equal([2u], container.PageTables);
    }

    [Fact]
    public void EINVAL_is_no_end_but_the_next_page_table()
    {
        var container = _rig.Container(_rig.Device("a", 1));
        var second = _rig.Device("b", 2);
        _rig.AttachErrnos[2] = Errno.EINVAL;
        Assert.True(container.Attach(second).IsOk);
        Assert.Equal(["attach 2", "info 2", "table flags 0 for 2 on 1", "attach 3"], _rig.Calls);
        Assert.Equal([2u, 3], container.PageTables);
    }

    [Fact]
    public void Any_other_errno_is_the_end_and_the_device_is_surely_outside()
    {
        var container = _rig.Container(_rig.Device("a", 1));
        var second = _rig.Device("b", 2);
        _rig.AttachErrnos[2] = Errno.EADDRINUSE;
        Assert.Equal(Errno.EADDRINUSE, container.Attach(second).Errno);
        Assert.Equal(["attach 2", "detach"], _rig.Calls);
        Assert.False(second.GetIsInside().Value);
        Assert.Equal([2u], container.PageTables);
    }

    [Fact]
    public void A_page_table_that_its_device_does_not_take_is_destroyed()
    {
        var container = _rig.Container(_rig.Device("a", 1));
        var second = _rig.Device("b", 2);
        _rig.AttachErrnos[2] = Errno.EINVAL;
        _rig.AttachErrnos[3] = Errno.EINVAL;
        Assert.Equal(Errno.EINVAL, container.Attach(second).Errno);
        Assert.Equal(["attach 2", "info 2", "table flags 0 for 2 on 1", "attach 3", "detach", "destroy 3"], _rig.Calls);
        Assert.Equal([1u, 2], _rig.Objects);
    }

    [Fact]
    public void A_mediated_device_goes_to_the_IOAS_itself()
    {
        var device = _rig.Device("m", 7, isMediated: true);
        Assert.True(IommufdContainer.TryOpen(_rig.Devices, device, out var container, out _));
        Assert.Equal(["ioas", "attach 1", "ranges 1", "ranges 1"], _rig.Calls);
        Assert.Empty(container.PageTables);
        Assert.True(container.Detach(device).IsOk);
        Assert.True(container.Close().IsOk);
        Assert.Empty(_rig.Objects);
    }

    [Fact]
    public void A_page_table_goes_with_its_last_device()
    {
        var (first, second) = (_rig.Device("a", 1), _rig.Device("b", 2));
        var container = _rig.Container(first);
        Assert.True(container.Attach(second).IsOk);
        _rig.Calls.Clear();
        Assert.True(container.Detach(first).IsOk);
        Assert.Equal(["detach"], _rig.Calls);
        Assert.True(container.Detach(second).IsOk);
        Assert.Equal(["detach", "detach", "destroy 2"], _rig.Calls);
        Assert.Equal([1u], _rig.Objects);
    }

    [Fact]
    public void A_page_table_that_cannot_be_destroyed_is_offered_to_nobody_and_tried_again()
    {
        var device = _rig.Device("a", 1);
        var container = _rig.Container(device);
        var destroy = _rig.Devices.Answers[IommufdUapi.Destroy];
        _rig.Fail(IommufdUapi.Destroy, Errno.EBUSY);
        Assert.True(container.Detach(device).IsOk);
        Assert.Equal([2u], container.PageTables);
        Assert.True(container.Attach(device).IsOk);
        Assert.Equal(3u, device.AttachedTo);

        _rig.Devices.Answers[IommufdUapi.Destroy] = destroy;
        Assert.True(container.Detach(device).IsOk);
        Assert.Equal([1u], _rig.Objects);
    }

    [Fact]
    public void A_device_that_stays_inside_says_so()
    {
        var device = _rig.Device("a", 1);
        var container = _rig.Container(device);
        _rig.DetachErrno = Errno.EIO;
        Assert.Equal(Errno.EIO, container.Detach(device).Errno);
        Assert.True(device.GetIsInside().Value);
        Assert.Equal(Errno.EINVAL, container.Attach(device).Errno);
    }

    [Fact]
    public void A_device_that_was_closed_is_out()
    {
        var device = _rig.Device("a", 1);
        var container = _rig.Container(device);
        Assert.True(device.Close().IsOk);
        Assert.False(device.GetIsInside().Value);
        Assert.True(container.Detach(device).IsOk);
        Assert.DoesNotContain("detach", _rig.Calls);
    }

    [Fact]
    public void A_kernel_that_attached_to_something_else_is_not_believed()
    {
        _rig.AttachLies[2] = 9;
        Assert.False(IommufdContainer.TryOpen(_rig.Devices, _rig.Device("a", 1), out _, out var refusal));
        Assert.Equal(Errno.EPROTO, refusal.Errno);
        Assert.Empty(_rig.Objects);
    }

    [Theory]
    [InlineData("IOMMU_IOAS_ALLOC", "IOMMU_IOAS_ALLOC")]
    [InlineData("IOMMU_GET_HW_INFO", "VFIO_DEVICE_ATTACH_IOMMUFD_PT")]
    [InlineData("IOMMU_HWPT_ALLOC", "VFIO_DEVICE_ATTACH_IOMMUFD_PT")]
    public void A_step_that_fails_leaves_nothing(string failing, string operation)
    {
        var request = _rig.Devices.Answers.Keys.Single(code => code.Name == failing);
        _rig.Fail(request, Errno.ENOMEM);
        var device = _rig.Device("a", 1);
        Assert.False(IommufdContainer.TryOpen(_rig.Devices, device, out _, out var refusal));
        Assert.Equal((operation, Errno.ENOMEM), (refusal.Operation, refusal.Errno));
        Assert.Empty(_rig.Objects);
        Assert.False(device.GetIsInside().Value);
    }

    [Fact]
    public void Ranges_that_are_not_given_leave_nothing()
    {
        _rig.Devices.BufferAnswers[IommufdUapi.IoasIovaRanges] = (_, _, _) => Errno.EFAULT;
        Assert.False(IommufdContainer.TryOpen(_rig.Devices, _rig.Device("a", 1), out _, out var refusal));
        Assert.Equal(("IOMMU_IOAS_IOVA_RANGES", Errno.EFAULT), (refusal.Operation, refusal.Errno));
        Assert.Empty(_rig.Objects);
    }

    [Fact]
    public void A_device_and_its_group_move_from_container_to_container()
    {
        var (first, sibling, other) = (_rig.Device("a.0", 1), _rig.Device("a.1", 1), _rig.Device("b", 2));
        var from = _rig.Container(first);
        Assert.True(from.Attach(sibling).IsOk);
        var to = _rig.Container(other);
        Assert.True(to.Replace(first, from).IsOk);
        Assert.Equal((other.AttachedTo, other.AttachedTo), (first.AttachedTo, sibling.AttachedTo));
        Assert.Throws<ArgumentException>(() => to.Replace(sibling, from));
        Assert.True(to.Close().IsOk);
        Assert.False(sibling.GetIsInside().Value);
    }

    [Fact]
    public void A_move_that_is_refused_leaves_all_where_it_was()
    {
        var (first, other) = (_rig.Device("a", 1), _rig.Device("b", 2));
        var (from, to) = (_rig.Container(first), _rig.Container(other));
        var before = first.AttachedTo;
        _rig.AttachErrnos[to.PageTables[0]] = Errno.EADDRINUSE;
        Assert.Equal(Errno.EADDRINUSE, to.Replace(first, from).Errno);
        Assert.Equal(["attach 4"], _rig.Calls);
        Assert.Equal(before, first.AttachedTo);
        Assert.True(from.Detach(first).IsOk);
    }

    [Fact]
    public void Members_of_other_contexts_are_a_mistake_of_the_caller()
    {
        var container = _rig.Container(_rig.Device("a", 1));
        var stranger = new ScriptedIommufd().Device("c", 3);
        Assert.Throws<ArgumentException>(() => container.Attach(stranger));
        Assert.Throws<ArgumentException>(() => container.Detach(stranger));
    }

    [Fact]
    public void A_close_takes_out_whoever_is_inside_and_leaves_the_iommufd_open()
    {
        var (first, mediated) = (_rig.Device("a", 1), _rig.Device("m", 7, isMediated: true));
        var container = _rig.Container(first);
        Assert.True(container.Attach(mediated).IsOk);
        Assert.True(container.Close().IsOk);
        Assert.True(container.Close().IsOk);
        Assert.Empty(_rig.Objects);
        Assert.Equal(-1, container.Descriptor);
        Assert.False(_rig.Context.IsClosed);
    }

    [Fact]
    public void A_close_that_fails_goes_on_when_called_again()
    {
        var device = _rig.Device("a", 1);
        var container = _rig.Container(device);
        _rig.DetachErrno = Errno.EIO;
        Assert.Equal(Errno.EIO, container.Close().Errno);
        _rig.DetachErrno = Errno.None;
        Assert.True(container.Close().IsOk);
        Assert.Empty(_rig.Objects);
    }

    [Fact]
    public void With_its_context_a_container_is_gone()
    {
        var device = _rig.Device("a", 1);
        var container = _rig.Container(device);
        Assert.True(device.Close().IsOk);
        Assert.True(_rig.Context.Close().IsOk);
        Assert.True(container.Close().IsOk);
    }
}
