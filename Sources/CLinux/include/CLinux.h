// SPDX-License-Identifier: Apache-2.0

// Linux calls that glibc hides from Swift behind _GNU_SOURCE, and openat2, which glibc does not have.
// Each returns what the call returns and leaves errno as the call leaves it. No logic belongs here.

#pragma once

#include <stdint.h>
#include <sys/inotify.h>
#include <sys/types.h>

extern const int32_t granary_O_PATH;
extern const int32_t granary_O_NOATIME;

/// openat2 with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS.
int32_t granary_open_beneath(int32_t directory, const char *path, int32_t flags, uint32_t mode);

/// renameat2 with RENAME_NOREPLACE.
int32_t granary_rename_new(int32_t from_directory, const char *from, int32_t to_directory, const char *to);

/// sync_file_range with SYNC_FILE_RANGE_WRITE: starts writing dirty pages, waits for none.
int32_t granary_start_writeback(int32_t file, int64_t offset, int64_t count);

int32_t granary_syncfs(int32_t file);

/// 1 when the file system of an open file has its reads and writes done by another process or machine, message by message:
/// FUSE and 9P. 0 otherwise, also when it can't be told.
int32_t granary_asks_another_process(int32_t file);

/// prctl with PR_SET_DUMPABLE: 0 keeps the memory of this process out of core files and from other processes of its user.
int32_t granary_set_dumpable(int32_t dumpable);
