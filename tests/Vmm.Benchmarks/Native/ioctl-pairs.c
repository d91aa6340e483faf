/*
 * Pairs of map and unmap by bare ioctls, to hold a container's calls against.
 *
 *   ioctl-pairs type1 PID DESCRIPTOR MEMFD OFFSET IOVA LENGTH
 *   ioctl-pairs iommufd:IOAS PID DESCRIPTOR MEMFD OFFSET IOVA LENGTH
 *
 * The descriptors are those of process PID: the mappings go into its container and are of its memory. For each line of
 * standard input, a number of pairs, it makes the pairs and prints the nanoseconds that they took. Exit code 1 when a call fails.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/types.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Debian's headers know VFIO, not yet iommufd: both are written out, and held to the kernel by the calls' success. */
struct type1_map { __u32 argsz, flags; __u64 vaddr, iova, size; };
struct type1_unmap { __u32 argsz, flags; __u64 iova, size; };
struct ioas_map { __u32 size, flags, ioas_id, reserved; __u64 user_va, length, iova; };
struct ioas_unmap { __u32 size, ioas_id; __u64 iova, length; };

#define TYPE1_MAP _IO(';', 113)
#define TYPE1_UNMAP _IO(';', 114)
#define IOAS_MAP _IO(';', 0x85)
#define IOAS_UNMAP _IO(';', 0x86)

static int container;
static uint32_t ioas;
static uint64_t address, iova, length;

static void fail(const char *what)
{
    fprintf(stderr, "ioctl-pairs: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void type1_pair(void)
{
    struct type1_map map = { sizeof(map), 3, address, iova, length };
    struct type1_unmap unmap = { sizeof(unmap), 0, iova, length };

    if (ioctl(container, TYPE1_MAP, &map) < 0)
        fail("VFIO_IOMMU_MAP_DMA");
    if (ioctl(container, TYPE1_UNMAP, &unmap) < 0 || unmap.size != length)
        fail("VFIO_IOMMU_UNMAP_DMA");
}

static void iommufd_pair(void)
{
    struct ioas_map map = { sizeof(map), 7, ioas, 0, address, length, iova };
    struct ioas_unmap unmap = { sizeof(unmap), ioas, iova, length };

    if (ioctl(container, IOAS_MAP, &map) < 0)
        fail("IOMMU_IOAS_MAP");
    if (ioctl(container, IOAS_UNMAP, &unmap) < 0 || unmap.length != length)
        fail("IOMMU_IOAS_UNMAP");
}

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int take(int process, const char *number)
{
    int taken = (int)syscall(SYS_pidfd_getfd, process, atoi(number), 0);

    if (taken < 0)
        fail("pidfd_getfd");
    return taken;
}

int main(int count, char **given)
{
    void (*pair)(void);
    uint64_t pairs, start;
    int process, memory;

    if (count != 8) {
        fprintf(stderr, "usage: ioctl-pairs type1|iommufd:IOAS PID DESCRIPTOR MEMFD OFFSET IOVA LENGTH\n");
        return 2;
    }
    if (!strncmp(given[1], "iommufd:", 8)) {
        ioas = (uint32_t)strtoul(given[1] + 8, NULL, 0);
        pair = iommufd_pair;
    } else {
        pair = type1_pair;
    }
    process = (int)syscall(SYS_pidfd_open, atoi(given[2]), 0);
    if (process < 0)
        fail("pidfd_open");
    container = take(process, given[3]);
    memory = take(process, given[4]);
    iova = strtoull(given[6], NULL, 0);
    length = strtoull(given[7], NULL, 0);
    address = (uint64_t)(uintptr_t)mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, memory, (off_t)strtoull(given[5], NULL, 0));
    if (address == (uint64_t)(uintptr_t)MAP_FAILED)
        fail("mmap");
    while (scanf("%" SCNu64, &pairs) == 1) {
        start = now();
        for (; pairs > 0; pairs--)
            pair();
        printf("%llu\n", (unsigned long long)(now() - start));
        fflush(stdout);
    }
    return 0;
}
