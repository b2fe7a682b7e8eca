/* SPDX-License-Identifier: Apache-2.0 */
#include "system/process_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t microseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static uint64_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return 0;
    uint64_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* the folder's own */
}

static void read_memory(struct process_usage *usage)
{
    unsigned long long virtual_pages, resident_pages;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return;
    if (fscanf(file, "%llu %llu", &virtual_pages, &resident_pages) == 2) {
        uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
        usage->virtual_bytes = virtual_pages * page_bytes;
        usage->resident_bytes = resident_pages * page_bytes;
    }
    fclose(file);
}

struct process_usage process_usage(void)
{
    struct process_usage usage = { .descriptors = count_descriptors() };
    struct rusage resources;
    struct rlimit limit;
    if (getrusage(RUSAGE_SELF, &resources) == 0)
        usage.cpu_us = microseconds(resources.ru_utime) + microseconds(resources.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        usage.descriptors_max = limit.rlim_cur;
    read_memory(&usage);
    return usage;
}
