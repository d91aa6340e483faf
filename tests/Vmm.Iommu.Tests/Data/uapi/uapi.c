// Prints sizes, offsets, request numbers and values of the kernel's user headers. To make uapi.txt again, on x86-64:
//   unpack linux-source-7.2 (Debian trixie-backports), and in it: make headers_install INSTALL_HDR_PATH=out
//   gcc -Wall -isystem out/include -o uapi uapi.c && ./uapi > uapi.txt
// (The headers of the package linux-libc-dev of the same version are these headers.)
#include <stddef.h>
#include <stdio.h>
#include <linux/iommufd.h>
#include <linux/version.h>
#include <linux/vfio.h>

#define STRUCT(t) printf("struct %s %zu\n", #t, sizeof(struct t))
#define FIELD(t, f) printf("field %s %s %zu %zu\n", #t, #f, offsetof(struct t, f), sizeof(((struct t *)0)->f))
#define REQUEST(r) printf("request %s 0x%x\n", #r, (unsigned int)(r))
#define VALUE(v) printf("value %s %lld\n", #v, (long long)(v))

int main(void)
{
	printf("# Made by uapi.c, which says how, from the headers of Linux %d.%d.%d for x86-64.\n",
	       LINUX_VERSION_CODE >> 16, LINUX_VERSION_CODE >> 8 & 0xff, LINUX_VERSION_CODE & 0xff);

	REQUEST(VFIO_GET_API_VERSION);
	REQUEST(VFIO_CHECK_EXTENSION);
	REQUEST(VFIO_SET_IOMMU);
	REQUEST(VFIO_GROUP_GET_STATUS);
	REQUEST(VFIO_GROUP_SET_CONTAINER);
	REQUEST(VFIO_GROUP_UNSET_CONTAINER);
	REQUEST(VFIO_GROUP_GET_DEVICE_FD);
	REQUEST(VFIO_DEVICE_GET_INFO);
	REQUEST(VFIO_DEVICE_GET_REGION_INFO);
	REQUEST(VFIO_DEVICE_GET_IRQ_INFO);
	REQUEST(VFIO_DEVICE_SET_IRQS);
	REQUEST(VFIO_DEVICE_RESET);
	REQUEST(VFIO_IOMMU_GET_INFO);
	REQUEST(VFIO_IOMMU_MAP_DMA);
	REQUEST(VFIO_IOMMU_UNMAP_DMA);
	REQUEST(VFIO_IOMMU_DIRTY_PAGES);
	REQUEST(VFIO_DEVICE_GET_PCI_HOT_RESET_INFO);
	REQUEST(VFIO_DEVICE_PCI_HOT_RESET);
	REQUEST(VFIO_DEVICE_FEATURE);
	REQUEST(VFIO_DEVICE_BIND_IOMMUFD);
	REQUEST(VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	REQUEST(VFIO_DEVICE_DETACH_IOMMUFD_PT);
	REQUEST(IOMMU_DESTROY);
	REQUEST(IOMMU_IOAS_ALLOC);
	REQUEST(IOMMU_IOAS_ALLOW_IOVAS);
	REQUEST(IOMMU_IOAS_COPY);
	REQUEST(IOMMU_IOAS_IOVA_RANGES);
	REQUEST(IOMMU_IOAS_MAP);
	REQUEST(IOMMU_IOAS_UNMAP);
	REQUEST(IOMMU_OPTION);
	REQUEST(IOMMU_VFIO_IOAS);
	REQUEST(IOMMU_HWPT_ALLOC);
	REQUEST(IOMMU_GET_HW_INFO);
	REQUEST(IOMMU_HWPT_SET_DIRTY_TRACKING);
	REQUEST(IOMMU_HWPT_GET_DIRTY_BITMAP);
	REQUEST(IOMMU_IOAS_MAP_FILE);
	REQUEST(IOMMU_IOAS_CHANGE_PROCESS);

	VALUE(VFIO_API_VERSION);
	VALUE(VFIO_TYPE1_IOMMU);
	VALUE(VFIO_TYPE1v2_IOMMU);
	VALUE(VFIO_DMA_CC_IOMMU);
	VALUE(VFIO_NOIOMMU_IOMMU);
	VALUE(VFIO_UNMAP_ALL);
	VALUE(VFIO_UPDATE_VADDR);
	VALUE(VFIO_GROUP_FLAGS_VIABLE);
	VALUE(VFIO_GROUP_FLAGS_CONTAINER_SET);
	VALUE(VFIO_IOMMU_INFO_PGSIZES);
	VALUE(VFIO_IOMMU_INFO_CAPS);
	VALUE(VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
	VALUE(VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION);
	VALUE(VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL);
	VALUE(VFIO_DMA_MAP_FLAG_READ);
	VALUE(VFIO_DMA_MAP_FLAG_WRITE);
	VALUE(VFIO_DMA_MAP_FLAG_VADDR);
	VALUE(VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP);
	VALUE(VFIO_DMA_UNMAP_FLAG_ALL);
	VALUE(VFIO_DMA_UNMAP_FLAG_VADDR);
	VALUE(VFIO_IOMMU_DIRTY_PAGES_FLAG_START);
	VALUE(VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP);
	VALUE(VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP);
	VALUE(VFIO_DEVICE_FLAGS_RESET);
	VALUE(VFIO_DEVICE_FLAGS_PCI);
	VALUE(VFIO_DEVICE_FLAGS_PLATFORM);
	VALUE(VFIO_DEVICE_FLAGS_AMBA);
	VALUE(VFIO_DEVICE_FLAGS_CCW);
	VALUE(VFIO_DEVICE_FLAGS_AP);
	VALUE(VFIO_DEVICE_FLAGS_FSL_MC);
	VALUE(VFIO_DEVICE_FLAGS_CDX);
	VALUE(VFIO_REGION_INFO_FLAG_READ);
	VALUE(VFIO_REGION_INFO_FLAG_WRITE);
	VALUE(VFIO_REGION_INFO_FLAG_MMAP);
	VALUE(VFIO_REGION_INFO_FLAG_CAPS);
	VALUE(VFIO_PCI_ROM_REGION_INDEX);
	VALUE(VFIO_PCI_CONFIG_REGION_INDEX);
	VALUE(VFIO_PCI_VGA_REGION_INDEX);
	VALUE(VFIO_PCI_NUM_REGIONS);
	VALUE(VFIO_PCI_INTX_IRQ_INDEX);
	VALUE(VFIO_PCI_MSI_IRQ_INDEX);
	VALUE(VFIO_PCI_MSIX_IRQ_INDEX);
	VALUE(VFIO_PCI_ERR_IRQ_INDEX);
	VALUE(VFIO_PCI_REQ_IRQ_INDEX);
	VALUE(VFIO_PCI_NUM_IRQS);
	VALUE(VFIO_IRQ_INFO_EVENTFD);
	VALUE(VFIO_IRQ_INFO_MASKABLE);
	VALUE(VFIO_IRQ_INFO_AUTOMASKED);
	VALUE(VFIO_IRQ_INFO_NORESIZE);
	VALUE(VFIO_IRQ_SET_DATA_NONE);
	VALUE(VFIO_IRQ_SET_DATA_BOOL);
	VALUE(VFIO_IRQ_SET_DATA_EVENTFD);
	VALUE(VFIO_IRQ_SET_ACTION_MASK);
	VALUE(VFIO_IRQ_SET_ACTION_UNMASK);
	VALUE(VFIO_IRQ_SET_ACTION_TRIGGER);
	VALUE(VFIO_PCI_HOT_RESET_FLAG_DEV_ID);
	VALUE(VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED);
	VALUE(VFIO_PCI_DEVID_OWNED);
	VALUE(VFIO_PCI_DEVID_NOT_OWNED);
	VALUE(VFIO_DEVICE_FEATURE_MASK);
	VALUE(VFIO_DEVICE_FEATURE_GET);
	VALUE(VFIO_DEVICE_FEATURE_SET);
	VALUE(VFIO_DEVICE_FEATURE_PROBE);
	VALUE(VFIO_DEVICE_FEATURE_DMA_BUF);
	VALUE(VFIO_DEVICE_BIND_FLAG_TOKEN);
	VALUE(VFIO_DEVICE_ATTACH_PASID);
	VALUE(VFIO_DEVICE_DETACH_PASID);
	VALUE(IOMMU_IOAS_MAP_FIXED_IOVA);
	VALUE(IOMMU_IOAS_MAP_WRITEABLE);
	VALUE(IOMMU_IOAS_MAP_READABLE);
	VALUE(IOMMU_OPTION_RLIMIT_MODE);
	VALUE(IOMMU_OPTION_HUGE_PAGES);
	VALUE(IOMMU_OPTION_OP_SET);
	VALUE(IOMMU_OPTION_OP_GET);
	VALUE(IOMMU_VFIO_IOAS_GET);
	VALUE(IOMMU_VFIO_IOAS_SET);
	VALUE(IOMMU_VFIO_IOAS_CLEAR);
	VALUE(IOMMU_HWPT_ALLOC_NEST_PARENT);
	VALUE(IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	VALUE(IOMMU_HWPT_FAULT_ID_VALID);
	VALUE(IOMMU_HWPT_ALLOC_PASID);
	VALUE(IOMMU_HWPT_DATA_NONE);
	VALUE(IOMMU_HW_INFO_FLAG_INPUT_TYPE);
	VALUE(IOMMU_HW_INFO_TYPE_NONE);
	VALUE(IOMMU_HW_INFO_TYPE_INTEL_VTD);
	VALUE(IOMMU_HW_INFO_TYPE_ARM_SMMUV3);
	VALUE(IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV);
	VALUE(IOMMU_HW_INFO_TYPE_AMD);
	VALUE(IOMMU_HW_CAP_DIRTY_TRACKING);
	VALUE(IOMMU_HW_CAP_PCI_PASID_EXEC);
	VALUE(IOMMU_HW_CAP_PCI_PASID_PRIV);
	VALUE(IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
	VALUE(IOMMU_HWPT_DIRTY_TRACKING_ENABLE);
	VALUE(IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR);

	STRUCT(vfio_group_status); FIELD(vfio_group_status, argsz); FIELD(vfio_group_status, flags);

	STRUCT(vfio_iommu_type1_info); FIELD(vfio_iommu_type1_info, argsz); FIELD(vfio_iommu_type1_info, flags);
	FIELD(vfio_iommu_type1_info, iova_pgsizes); FIELD(vfio_iommu_type1_info, cap_offset);
	FIELD(vfio_iommu_type1_info, pad);

	STRUCT(vfio_iommu_type1_dma_map); FIELD(vfio_iommu_type1_dma_map, argsz);
	FIELD(vfio_iommu_type1_dma_map, flags); FIELD(vfio_iommu_type1_dma_map, vaddr);
	FIELD(vfio_iommu_type1_dma_map, iova); FIELD(vfio_iommu_type1_dma_map, size);

	STRUCT(vfio_iommu_type1_dma_unmap); FIELD(vfio_iommu_type1_dma_unmap, argsz);
	FIELD(vfio_iommu_type1_dma_unmap, flags); FIELD(vfio_iommu_type1_dma_unmap, iova);
	FIELD(vfio_iommu_type1_dma_unmap, size);

	STRUCT(vfio_bitmap); FIELD(vfio_bitmap, pgsize); FIELD(vfio_bitmap, size); FIELD(vfio_bitmap, data);

	STRUCT(vfio_info_cap_header); FIELD(vfio_info_cap_header, id); FIELD(vfio_info_cap_header, version);
	FIELD(vfio_info_cap_header, next);

	STRUCT(vfio_device_info); FIELD(vfio_device_info, argsz); FIELD(vfio_device_info, flags);
	FIELD(vfio_device_info, num_regions); FIELD(vfio_device_info, num_irqs); FIELD(vfio_device_info, cap_offset);
	FIELD(vfio_device_info, pad);

	STRUCT(vfio_region_info); FIELD(vfio_region_info, argsz); FIELD(vfio_region_info, flags);
	FIELD(vfio_region_info, index); FIELD(vfio_region_info, cap_offset); FIELD(vfio_region_info, size);
	FIELD(vfio_region_info, offset);

	STRUCT(vfio_irq_info); FIELD(vfio_irq_info, argsz); FIELD(vfio_irq_info, flags); FIELD(vfio_irq_info, index);
	FIELD(vfio_irq_info, count);

	STRUCT(vfio_irq_set); FIELD(vfio_irq_set, argsz); FIELD(vfio_irq_set, flags); FIELD(vfio_irq_set, index);
	FIELD(vfio_irq_set, start); FIELD(vfio_irq_set, count);

	STRUCT(vfio_iommu_type1_dirty_bitmap); FIELD(vfio_iommu_type1_dirty_bitmap, argsz);
	FIELD(vfio_iommu_type1_dirty_bitmap, flags);

	STRUCT(vfio_iommu_type1_dirty_bitmap_get); FIELD(vfio_iommu_type1_dirty_bitmap_get, iova);
	FIELD(vfio_iommu_type1_dirty_bitmap_get, size); FIELD(vfio_iommu_type1_dirty_bitmap_get, bitmap);

	STRUCT(vfio_pci_hot_reset_info); FIELD(vfio_pci_hot_reset_info, argsz); FIELD(vfio_pci_hot_reset_info, flags);
	FIELD(vfio_pci_hot_reset_info, count);

	STRUCT(vfio_pci_dependent_device); FIELD(vfio_pci_dependent_device, group_id);
	FIELD(vfio_pci_dependent_device, segment); FIELD(vfio_pci_dependent_device, bus);
	FIELD(vfio_pci_dependent_device, devfn);

	STRUCT(vfio_pci_hot_reset); FIELD(vfio_pci_hot_reset, argsz); FIELD(vfio_pci_hot_reset, flags);
	FIELD(vfio_pci_hot_reset, count);

	STRUCT(vfio_device_feature); FIELD(vfio_device_feature, argsz); FIELD(vfio_device_feature, flags);

	STRUCT(vfio_device_feature_dma_buf); FIELD(vfio_device_feature_dma_buf, region_index);
	FIELD(vfio_device_feature_dma_buf, open_flags); FIELD(vfio_device_feature_dma_buf, flags);
	FIELD(vfio_device_feature_dma_buf, nr_ranges);

	STRUCT(vfio_region_dma_range); FIELD(vfio_region_dma_range, offset); FIELD(vfio_region_dma_range, length);

	STRUCT(vfio_device_bind_iommufd); FIELD(vfio_device_bind_iommufd, argsz);
	FIELD(vfio_device_bind_iommufd, flags); FIELD(vfio_device_bind_iommufd, iommufd);
	FIELD(vfio_device_bind_iommufd, out_devid); FIELD(vfio_device_bind_iommufd, token_uuid_ptr);

	STRUCT(vfio_device_attach_iommufd_pt); FIELD(vfio_device_attach_iommufd_pt, argsz);
	FIELD(vfio_device_attach_iommufd_pt, flags); FIELD(vfio_device_attach_iommufd_pt, pt_id);
	FIELD(vfio_device_attach_iommufd_pt, pasid);

	STRUCT(vfio_device_detach_iommufd_pt); FIELD(vfio_device_detach_iommufd_pt, argsz);
	FIELD(vfio_device_detach_iommufd_pt, flags); FIELD(vfio_device_detach_iommufd_pt, pasid);

	STRUCT(iommu_destroy); FIELD(iommu_destroy, size); FIELD(iommu_destroy, id);

	STRUCT(iommu_ioas_alloc); FIELD(iommu_ioas_alloc, size); FIELD(iommu_ioas_alloc, flags);
	FIELD(iommu_ioas_alloc, out_ioas_id);

	STRUCT(iommu_iova_range); FIELD(iommu_iova_range, start); FIELD(iommu_iova_range, last);

	STRUCT(iommu_ioas_iova_ranges); FIELD(iommu_ioas_iova_ranges, size); FIELD(iommu_ioas_iova_ranges, ioas_id);
	FIELD(iommu_ioas_iova_ranges, num_iovas); FIELD(iommu_ioas_iova_ranges, __reserved);
	FIELD(iommu_ioas_iova_ranges, allowed_iovas); FIELD(iommu_ioas_iova_ranges, out_iova_alignment);

	STRUCT(iommu_ioas_allow_iovas); FIELD(iommu_ioas_allow_iovas, size); FIELD(iommu_ioas_allow_iovas, ioas_id);
	FIELD(iommu_ioas_allow_iovas, num_iovas); FIELD(iommu_ioas_allow_iovas, __reserved);
	FIELD(iommu_ioas_allow_iovas, allowed_iovas);

	STRUCT(iommu_ioas_map); FIELD(iommu_ioas_map, size); FIELD(iommu_ioas_map, flags);
	FIELD(iommu_ioas_map, ioas_id); FIELD(iommu_ioas_map, __reserved); FIELD(iommu_ioas_map, user_va);
	FIELD(iommu_ioas_map, length); FIELD(iommu_ioas_map, iova);

	STRUCT(iommu_ioas_map_file); FIELD(iommu_ioas_map_file, size); FIELD(iommu_ioas_map_file, flags);
	FIELD(iommu_ioas_map_file, ioas_id); FIELD(iommu_ioas_map_file, fd); FIELD(iommu_ioas_map_file, start);
	FIELD(iommu_ioas_map_file, length); FIELD(iommu_ioas_map_file, iova);

	STRUCT(iommu_ioas_copy); FIELD(iommu_ioas_copy, size); FIELD(iommu_ioas_copy, flags);
	FIELD(iommu_ioas_copy, dst_ioas_id); FIELD(iommu_ioas_copy, src_ioas_id); FIELD(iommu_ioas_copy, length);
	FIELD(iommu_ioas_copy, dst_iova); FIELD(iommu_ioas_copy, src_iova);

	STRUCT(iommu_ioas_unmap); FIELD(iommu_ioas_unmap, size); FIELD(iommu_ioas_unmap, ioas_id);
	FIELD(iommu_ioas_unmap, iova); FIELD(iommu_ioas_unmap, length);

	STRUCT(iommu_option); FIELD(iommu_option, size); FIELD(iommu_option, option_id); FIELD(iommu_option, op);
	FIELD(iommu_option, __reserved); FIELD(iommu_option, object_id); FIELD(iommu_option, val64);

	STRUCT(iommu_vfio_ioas); FIELD(iommu_vfio_ioas, size); FIELD(iommu_vfio_ioas, ioas_id);
	FIELD(iommu_vfio_ioas, op); FIELD(iommu_vfio_ioas, __reserved);

	STRUCT(iommu_hwpt_alloc); FIELD(iommu_hwpt_alloc, size); FIELD(iommu_hwpt_alloc, flags);
	FIELD(iommu_hwpt_alloc, dev_id); FIELD(iommu_hwpt_alloc, pt_id); FIELD(iommu_hwpt_alloc, out_hwpt_id);
	FIELD(iommu_hwpt_alloc, __reserved); FIELD(iommu_hwpt_alloc, data_type); FIELD(iommu_hwpt_alloc, data_len);
	FIELD(iommu_hwpt_alloc, data_uptr); FIELD(iommu_hwpt_alloc, fault_id); FIELD(iommu_hwpt_alloc, __reserved2);

	STRUCT(iommu_hw_info); FIELD(iommu_hw_info, size); FIELD(iommu_hw_info, flags); FIELD(iommu_hw_info, dev_id);
	FIELD(iommu_hw_info, data_len); FIELD(iommu_hw_info, data_uptr); FIELD(iommu_hw_info, out_data_type);
	FIELD(iommu_hw_info, out_max_pasid_log2); FIELD(iommu_hw_info, __reserved[0]);
	FIELD(iommu_hw_info, __reserved[1]); FIELD(iommu_hw_info, __reserved[2]);
	FIELD(iommu_hw_info, out_capabilities);

	STRUCT(iommu_hw_info_vtd); FIELD(iommu_hw_info_vtd, flags); FIELD(iommu_hw_info_vtd, __reserved);
	FIELD(iommu_hw_info_vtd, cap_reg); FIELD(iommu_hw_info_vtd, ecap_reg);

	STRUCT(iommu_hw_info_amd); FIELD(iommu_hw_info_amd, efr); FIELD(iommu_hw_info_amd, efr2);

	STRUCT(iommu_hwpt_set_dirty_tracking); FIELD(iommu_hwpt_set_dirty_tracking, size);
	FIELD(iommu_hwpt_set_dirty_tracking, flags); FIELD(iommu_hwpt_set_dirty_tracking, hwpt_id);
	FIELD(iommu_hwpt_set_dirty_tracking, __reserved);

	STRUCT(iommu_hwpt_get_dirty_bitmap); FIELD(iommu_hwpt_get_dirty_bitmap, size);
	FIELD(iommu_hwpt_get_dirty_bitmap, hwpt_id); FIELD(iommu_hwpt_get_dirty_bitmap, flags);
	FIELD(iommu_hwpt_get_dirty_bitmap, __reserved); FIELD(iommu_hwpt_get_dirty_bitmap, iova);
	FIELD(iommu_hwpt_get_dirty_bitmap, length); FIELD(iommu_hwpt_get_dirty_bitmap, page_size);
	FIELD(iommu_hwpt_get_dirty_bitmap, data);

	STRUCT(iommu_ioas_change_process); FIELD(iommu_ioas_change_process, size);
	FIELD(iommu_ioas_change_process, __reserved);

	STRUCT(vfio_iommu_type1_info_cap_iova_range); FIELD(vfio_iommu_type1_info_cap_iova_range, header);
	FIELD(vfio_iommu_type1_info_cap_iova_range, nr_iovas); FIELD(vfio_iommu_type1_info_cap_iova_range, reserved);

	STRUCT(vfio_iova_range); FIELD(vfio_iova_range, start); FIELD(vfio_iova_range, end);

	STRUCT(vfio_iommu_type1_info_cap_migration); FIELD(vfio_iommu_type1_info_cap_migration, header);
	FIELD(vfio_iommu_type1_info_cap_migration, flags); FIELD(vfio_iommu_type1_info_cap_migration, pgsize_bitmap);
	FIELD(vfio_iommu_type1_info_cap_migration, max_dirty_bitmap_size);

	STRUCT(vfio_iommu_type1_info_dma_avail); FIELD(vfio_iommu_type1_info_dma_avail, header);
	FIELD(vfio_iommu_type1_info_dma_avail, avail);

	STRUCT(vfio_region_info_cap_sparse_mmap); FIELD(vfio_region_info_cap_sparse_mmap, header);
	FIELD(vfio_region_info_cap_sparse_mmap, nr_areas); FIELD(vfio_region_info_cap_sparse_mmap, reserved);

	STRUCT(vfio_region_sparse_mmap_area); FIELD(vfio_region_sparse_mmap_area, offset);
	FIELD(vfio_region_sparse_mmap_area, size);

	return 0;
}
