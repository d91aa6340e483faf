using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Tests.Kernel;

/// <summary>
/// The mirrors of the kernel's interface against the text that a C program printed of the kernel's headers. The table says which C
/// field each field mirrors; a struct or field that is not in it, or not in the text, fails.
/// </summary>
public sealed class UapiTests
{
    private static readonly UapiText Text = UapiText.Read();
    private static readonly Type[] Mirrors = [typeof(VfioUapi), typeof(IommufdUapi)];

    public static TheoryData<Type, string, string> Layouts => new()
    {
        { typeof(VfioUapi.GroupStatus), "vfio_group_status", "ArgumentSize:argsz Flags:flags" },
        {
            typeof(VfioUapi.Type1Info), "vfio_iommu_type1_info",
            "ArgumentSize:argsz Flags:flags PageSizes:iova_pgsizes CapabilityOffset:cap_offset Padding:pad"
        },
        { typeof(VfioUapi.DmaMap), "vfio_iommu_type1_dma_map", "ArgumentSize:argsz Flags:flags HostAddress:vaddr Iova:iova Size:size" },
        { typeof(VfioUapi.DmaUnmap), "vfio_iommu_type1_dma_unmap", "ArgumentSize:argsz Flags:flags Iova:iova Size:size" },
        { typeof(VfioUapi.Bitmap), "vfio_bitmap", "PageSize:pgsize Size:size Data:data" },
        { typeof(VfioUapi.CapabilityHeader), "vfio_info_cap_header", "Id:id Version:version Next:next" },
        {
            typeof(VfioUapi.DeviceInfo), "vfio_device_info",
            "ArgumentSize:argsz Flags:flags Regions:num_regions Interrupts:num_irqs CapabilityOffset:cap_offset "
            + "Padding:pad"
        },
        {
            typeof(VfioUapi.RegionInfo), "vfio_region_info",
            "ArgumentSize:argsz Flags:flags Index:index CapabilityOffset:cap_offset Size:size Offset:offset"
        },
        { typeof(VfioUapi.IrqInfo), "vfio_irq_info", "ArgumentSize:argsz Flags:flags Index:index Count:count" },
        { typeof(VfioUapi.IrqSet), "vfio_irq_set", "ArgumentSize:argsz Flags:flags Index:index Start:start Count:count" },
        { typeof(VfioUapi.DirtyPages), "vfio_iommu_type1_dirty_bitmap", "ArgumentSize:argsz Flags:flags" },
        { typeof(VfioUapi.DirtyBitmapQuery), "vfio_iommu_type1_dirty_bitmap_get", "Iova:iova Size:size Pages:bitmap" },
        { typeof(VfioUapi.HotResetInfo), "vfio_pci_hot_reset_info", "ArgumentSize:argsz Flags:flags Count:count" },
        {
            typeof(VfioUapi.DependentDevice), "vfio_pci_dependent_device",
            "GroupOrDeviceId:group_id Segment:segment Bus:bus SlotAndFunction:devfn"
        },
        { typeof(VfioUapi.HotReset), "vfio_pci_hot_reset", "ArgumentSize:argsz Flags:flags Count:count" },
        { typeof(VfioUapi.Feature), "vfio_device_feature", "ArgumentSize:argsz Flags:flags" },
        {
            typeof(VfioUapi.DmaBufFeature), "vfio_device_feature_dma_buf",
            "RegionIndex:region_index OpenFlags:open_flags Flags:flags RangeCount:nr_ranges"
        },
        { typeof(VfioUapi.DmaBufRange), "vfio_region_dma_range", "Offset:offset Length:length" },
        {
            typeof(VfioUapi.IommufdBinding), "vfio_device_bind_iommufd",
            "ArgumentSize:argsz Flags:flags Iommufd:iommufd DeviceId:out_devid Token:token_uuid_ptr"
        },
        {
            typeof(VfioUapi.PageTableAttach), "vfio_device_attach_iommufd_pt",
            "ArgumentSize:argsz Flags:flags PageTableId:pt_id Pasid:pasid"
        },
        { typeof(VfioUapi.PageTableDetach), "vfio_device_detach_iommufd_pt", "ArgumentSize:argsz Flags:flags Pasid:pasid" },
        { typeof(IommufdUapi.DestroyArguments), "iommu_destroy", "Size:size Id:id" },
        { typeof(IommufdUapi.IoasAllocArguments), "iommu_ioas_alloc", "Size:size Flags:flags IoasId:out_ioas_id" },
        { typeof(IommufdUapi.IovaRangeEntry), "iommu_iova_range", "Start:start Last:last" },
        {
            typeof(IommufdUapi.IoasIovaRangesArguments), "iommu_ioas_iova_ranges",
            "Size:size IoasId:ioas_id Count:num_iovas Reserved:__reserved Ranges:allowed_iovas "
            + "Alignment:out_iova_alignment"
        },
        {
            typeof(IommufdUapi.IoasAllowIovasArguments), "iommu_ioas_allow_iovas",
            "Size:size IoasId:ioas_id Count:num_iovas Reserved:__reserved Ranges:allowed_iovas"
        },
        {
            typeof(IommufdUapi.IoasMapArguments), "iommu_ioas_map",
            "Size:size Flags:flags IoasId:ioas_id Reserved:__reserved HostAddress:user_va Length:length Iova:iova"
        },
        {
            typeof(IommufdUapi.IoasMapFileArguments), "iommu_ioas_map_file",
            "Size:size Flags:flags IoasId:ioas_id File:fd Start:start Length:length Iova:iova"
        },
        {
            typeof(IommufdUapi.IoasCopyArguments), "iommu_ioas_copy",
            "Size:size Flags:flags TargetIoasId:dst_ioas_id SourceIoasId:src_ioas_id Length:length TargetIova:dst_iova "
            + "SourceIova:src_iova"
        },
        { typeof(IommufdUapi.IoasUnmapArguments), "iommu_ioas_unmap", "Size:size IoasId:ioas_id Iova:iova Length:length" },
        {
            typeof(IommufdUapi.OptionArguments), "iommu_option",
            "Size:size OptionId:option_id Operation:op Reserved:__reserved ObjectId:object_id Value:val64"
        },
        { typeof(IommufdUapi.VfioIoasArguments), "iommu_vfio_ioas", "Size:size IoasId:ioas_id Operation:op Reserved:__reserved" },
        {
            typeof(IommufdUapi.HwptAllocArguments), "iommu_hwpt_alloc",
            "Size:size Flags:flags DeviceId:dev_id ParentId:pt_id HwptId:out_hwpt_id Reserved:__reserved "
            + "DataType:data_type DataLength:data_len Data:data_uptr FaultId:fault_id Reserved2:__reserved2"
        },
        {
            typeof(IommufdUapi.HwInfoArguments), "iommu_hw_info",
            "Size:size Flags:flags DeviceId:dev_id DataLength:data_len Data:data_uptr DataType:out_data_type "
            + "MaxPasidLog2:out_max_pasid_log2 Reserved0:__reserved[0] Reserved1:__reserved[1] Reserved2:__reserved[2] "
            + "Capabilities:out_capabilities"
        },
        {
            typeof(IommufdUapi.HwInfoVtd), "iommu_hw_info_vtd",
            "Flags:flags Reserved:__reserved Capability:cap_reg ExtendedCapability:ecap_reg"
        },
        { typeof(IommufdUapi.HwInfoAmdData), "iommu_hw_info_amd", "Features:efr Features2:efr2" },
        {
            typeof(IommufdUapi.SetDirtyTrackingArguments), "iommu_hwpt_set_dirty_tracking",
            "Size:size Flags:flags HwptId:hwpt_id Reserved:__reserved"
        },
        {
            typeof(IommufdUapi.GetDirtyBitmapArguments), "iommu_hwpt_get_dirty_bitmap",
            "Size:size HwptId:hwpt_id Flags:flags Reserved:__reserved Iova:iova Length:length PageSize:page_size "
            + "Data:data"
        },
        { typeof(IommufdUapi.IoasChangeProcessArguments), "iommu_ioas_change_process", "Size:size Reserved:__reserved" },
    };

    public static TheoryData<IoctlCode> Requests => [.. Codes()];

    /// <summary>Constants, each with the kernel's name, which opens its summary.</summary>
    public static TheoryData<string, string, string> Constants()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var mirror in Mirrors)
        {
            var lines = File.ReadAllLines(RepositoryFiles.At($"src/Vmm.Iommu/Kernel/{mirror.Name}.cs"));
            foreach (var constant in mirror.GetFields(BindingFlags.Public | BindingFlags.Static).Where(member => member.IsLiteral))
            {
                var at = Array.FindIndex(lines, line => line.Contains($" {constant.Name} = ", StringComparison.Ordinal));
                var words = lines[at - 1].Replace("/// <summary>", "", StringComparison.Ordinal).Trim();
                var value = Convert.ToString(constant.GetRawConstantValue(), CultureInfo.InvariantCulture)!;
                data.Add(new string([.. words.TakeWhile(letter => char.IsLetterOrDigit(letter) || letter == '_')]), constant.Name, value);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_numbers_are_those_of_the_headers(IoctlCode code) =>
        Assert.Equal(Text.Request(code.Name), code.Number);

    [Theory]
    [MemberData(nameof(Constants))]
    public void Constants_are_those_of_the_headers(string kernelName, string name, string value) =>
        Assert.Equal($"{name} = {Text.Value(kernelName)}", $"{name} = {value}");

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Structs_are_laid_out_as_in_the_headers(Type type, string kernelName, string fields)
    {
        Assert.Equal(Text.SizeOf(kernelName), Marshal.SizeOf(type));
        var names = fields.Split(' ').Select(pair => pair.Split(':')).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(type.GetFields().Select(member => member.Name).Order(), names.Keys.Order());
        foreach (var member in type.GetFields())
        {
            var ours = ((long)Marshal.OffsetOf(type, member.Name), (long)Marshal.SizeOf(member.FieldType));
            Assert.Equal((member.Name, Text.Field(kernelName, names[member.Name])), (member.Name, ours));
        }
    }

    [Fact]
    public void Every_mirrored_struct_is_in_the_table() => Assert.Equal(
        Mirrors.SelectMany(mirror => mirror.GetNestedTypes()).Select(type => type.FullName).Order(),
        Layouts.Select(row => ((Type)row[0]).FullName).Order());

    [Fact]
    public void Requests_whose_struct_begins_with_its_size_say_so()
    {
        string[] byValueOrBare =
        [
            "VFIO_GET_API_VERSION", "VFIO_CHECK_EXTENSION", "VFIO_SET_IOMMU", "VFIO_GROUP_SET_CONTAINER", "VFIO_GROUP_UNSET_CONTAINER",
            "VFIO_GROUP_GET_DEVICE_FD", "VFIO_DEVICE_RESET",
        ];
        Assert.Equal(byValueOrBare, Codes().Where(code => !code.HasSize).Select(code => code.Name));
    }

    private static IEnumerable<IoctlCode> Codes() => Mirrors
        .SelectMany(mirror => mirror.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Where(member => member.FieldType == typeof(IoctlCode))
        .Select(member => (IoctlCode)member.GetValue(null)!);
}
