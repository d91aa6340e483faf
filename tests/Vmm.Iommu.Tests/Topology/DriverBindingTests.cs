using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Topology;

public class DriverBindingTests
{
    [Theory]
    [InlineData(null, 0x020000u, "pci", DriverBinding.None)]
    [InlineData("vfio-pci", 0x020000u, "pci", DriverBinding.Vfio)]
    [InlineData("mlx5_vfio_pci", 0x020000u, "pci", DriverBinding.Vfio)]
    [InlineData("vfio_ap", null, "ap", DriverBinding.Vfio)]
    [InlineData("vfio-platform", null, "platform", DriverBinding.Vfio)]
    [InlineData("mtty", null, "mdev", DriverBinding.Vfio)]
    [InlineData("pci-stub", 0x020000u, "pci", DriverBinding.LeavesDmaAlone)]
    [InlineData("pcieport", 0x060400u, "pci", DriverBinding.LeavesDmaAlone)]
    [InlineData("shpchp", 0x060400u, "pci", DriverBinding.LeavesDmaAlone)]
    [InlineData("nvme", 0x010802u, "pci", DriverBinding.UsesDmaApi)]
    [InlineData("novfio", 0x010802u, "pci", DriverBinding.UsesDmaApi)]
    [InlineData("lpc_ich", 0x060100u, "pci", DriverBinding.UsesDmaApi)]
    [InlineData("arm-smmu-user", null, "platform", DriverBinding.UsesDmaApi)]
    public void A_driver_is_judged_by_whether_it_claims_the_groups_dma(string? driver, uint? pciClass, string bus, DriverBinding binding) =>
        Assert.Equal(binding, new HostDevice { Name = "x", Bus = bus, Path = "devices/x", Driver = driver, PciClass = pciClass }.Binding);

    [Fact]
    public void A_driver_of_any_name_is_a_vfio_driver_when_it_made_a_character_device() =>
        Assert.Equal(
            DriverBinding.Vfio,
            new HostDevice { Name = "x", Bus = "pci", Path = "devices/x", Driver = "vendor", VfioDevice = "vfio3" }.Binding);
}
