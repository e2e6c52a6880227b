/* folder.h: a store's folder: who may write to it, and the names of its files. For rpc/store. */
#ifndef MARU_STORE_FOLDER_H
#define MARU_STORE_FOLDER_H

#include <limits.h>

#include "maru/status.h"

/* PERMISSION_DENIED where others than its owner may write to the folder: they could change the file after it was looked
 * at, which LMDB trusts, or have whoever opens it follow a link of theirs. FAILED_PRECONDITION where it is none. fd is
 * of the folder; path is for words. */
maru_status folder_check(const char *path, maru_error *error);
maru_status folder_check_fd(int fd, const char *path, maru_error *error);

/* folder_file is the path of a file in it: INVALID_ARGUMENT where that is too long. */
maru_status folder_file(const char *path, const char *name, char full[static PATH_MAX], maru_error *error);

/* folder_give gives a file or folder that was just made in it to the folder's owner, where root made it: its service
 * could not open it else. Not one that was there: it may be a link to what is nobody's business. 0 or an errno. */
int folder_give(const char *path, int fd);

/* folder_open opens the file full, which is in it, to read and write, and makes it for the folder's owner where it is
 * not there. What is no file, a link say, is neither followed nor waited for: PERMISSION_DENIED. */
maru_status folder_open(const char *path, const char *full, int *fd, maru_error *error);

#endif
