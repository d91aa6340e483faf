using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Topology;

public class PciAddressTests
{
    [Theory]
    [InlineData("0000:01:00.0", "0000:01:00.0")]
    [InlineData("10000:E0:1F.7", "10000:e0:1f.7")]
    [InlineData("ffffffff:ff:1f.7", "ffffffff:ff:1f.7")]
    public void An_address_reads_and_prints_as_sysfs_has_it(string text, string printed) =>
        Assert.Equal(printed, PciAddress.Parse(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("01:00.0")]
    [InlineData("0000:01:20.0")]
    [InlineData("0000:01:00.8")]
    [InlineData("0000:01:00.0/")]
    [InlineData("../..:01:00.0")]
    [InlineData("0000:01:00.0\n")]
    [InlineData(" 000:01:00.0")]
    [InlineData("0x00:01:00.0")]
    [InlineData("+000:01:00.0")]
    [InlineData("0000-01-00.0")]
    [InlineData("100000000:01:00.0")]
    public void What_is_no_address_is_refused(string? text) => Assert.False(PciAddress.TryParse(text, out _));

    [Fact]
    public void The_refusal_says_what_an_address_looks_like() =>
        Assert.Contains("DDDD:BB:DD.F", Assert.Throws<FormatException>(() => PciAddress.Parse("../etc")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0", true)]
    [InlineData("12", true)]
    [InlineData("01", false)]
    [InlineData("-1", false)]
    [InlineData("1/2", false)]
    [InlineData("99999999999", false)]
    public void A_group_number_is_digits_alone(string text, bool right) => Assert.Equal(right, IommuGroupId.TryParse(text, out _));
}
