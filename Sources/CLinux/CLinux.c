// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

const int32_t granary_O_PATH = O_PATH;
const int32_t granary_O_NOATIME = O_NOATIME;

int32_t granary_open_beneath(int32_t directory, const char *path, int32_t flags, uint32_t mode) {
    struct open_how how = {
        .flags = (uint32_t)flags,
        .mode = mode,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int32_t)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int32_t granary_rename_new(int32_t from_directory, const char *from, int32_t to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int32_t granary_start_writeback(int32_t file, int64_t offset, int64_t count) {
    return sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
}

int32_t granary_syncfs(int32_t file) { return syncfs(file); }

int32_t granary_asks_another_process(int32_t file) {
    struct statfs status;
    if (fstatfs(file, &status) != 0) return 0;
    return status.f_type == FUSE_SUPER_MAGIC || status.f_type == V9FS_MAGIC;
}

int32_t granary_set_dumpable(int32_t dumpable) { return prctl(PR_SET_DUMPABLE, (unsigned long)dumpable, 0, 0, 0); }
