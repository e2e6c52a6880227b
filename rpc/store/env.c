/* env.c: opening and mapping an LMDB environment (contract: env.h). */
#include "store/env.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/whole.h"
#include "store/fault.h"
#include "store/folder.h"

enum {
    LOCK_BYTES = 16384,      /* of lock.mdb: some 250 readers */
    ROOM_BYTES = 512 * 1024, /* LMDB writes at most 64 pages at once; with less room than that it may fail half way */
};

#define MAP_LEAST ((size_t)64 << 20)

/* Whoever has LMDB's file open has its first byte locked, with fcntl's locks. This process has it not open. */
static bool is_in_use(int fd)
{
    struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

    return fcntl(fd, F_OFD_GETLK, &byte) == 0 && byte.l_type != F_UNLCK;
}

/* Those who have the old one open keep it. */
static int renew_lock(const char *path, const char *full, int *fd)
{
    close(*fd);
    *fd = -1;
    if (unlink(full) != 0)
        return errno;
    *fd = open(full, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return *fd < 0 ? errno : folder_give(path, *fd);
}

/* Where a file system copies what is overwritten (btrfs), blocks that are taken are no promise: it is asked not to,
 * which it grants to files that are empty yet. Others know nothing of it. */
static void ask_no_copies(int fd)
{
    struct stat about;
    int         flags;

    if (fstat(fd, &about) != 0 || about.st_size > 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0)
        return;
    flags |= FS_NOCOW_FL;
    (void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

/* LMDB maps lock.mdb and writes into it, which on a full disk would be a SIGBUS: its blocks are taken here. */
static maru_status take_lock_blocks(const char *path, bool alone, maru_error *error)
{
    char        full[PATH_MAX];
    maru_status status;
    int         fd, failed = 0;

    if (snprintf(full, sizeof full, "%s/lock.mdb", path) >= (int)sizeof full)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: the path is too long", path);
    if ((status = folder_open(path, full, &fd, error)) != MARU_OK)
        return status;
    if (alone && is_in_use(fd))
        failed = renew_lock(path, full, &fd);
    if (!failed) {
        ask_no_copies(fd);
        while ((failed = posix_fallocate(fd, 0, LOCK_BYTES)) == EINTR)
            ;
    }
    if (fd >= 0)
        close(fd);
    return failed ? fault_error(full, failed, error) : MARU_OK;
}

static void on_assert(MDB_env *mdb, const char *words)
{
    const store_env *env = mdb_env_get_userctx(mdb);

    fault_die(env->log, env->path, "LMDB found its file damaged", words);
}

static int open_once(store_env *env, size_t map_bytes)
{
    int failed;

    if ((failed = mdb_env_create(&env->mdb)) != 0)
        return failed;
    if ((failed = mdb_env_set_mapsize(env->mdb, map_bytes)) == 0 &&
        (failed = mdb_env_open(env->mdb, env->path, MDB_NOTLS, 0600)) == 0 &&
        (failed = mdb_env_set_userctx(env->mdb, env)) == 0 && (failed = mdb_env_set_assert(env->mdb, on_assert)) == 0)
        return 0;
    mdb_env_close(env->mdb);
    env->mdb = NULL;
    return failed;
}

/* Address space may be limited (ulimit -v, sanitizers, valgrind): takes what there is. */
static maru_status open_largest(store_env *env, size_t map_bytes, maru_error *error)
{
    size_t size = map_bytes < ENV_MAP_MOST ? map_bytes : ENV_MAP_MOST;
    int    failed;

    while (((failed = open_once(env, size)) == ENOMEM || failed == EINVAL) &&
           size / 2 >= MAP_LEAST) /* valgrind says EINVAL */
        size /= 2;
    if (failed)
        return maru_error_set(error, fault_status(failed), "%s: %s", env->path, fault_words(failed));
    if (size < map_bytes && size < ENV_MAP_MOST)
        fault_log(env->log, env->path, "it can grow to %zu MiB, and not to %zu: so much address space is there",
                  size >> 20, map_bytes >> 20);
    return MARU_OK;
}

static int open_table(store_env *env)
{
    MDB_txn *txn;
    int      failed;

    if ((failed = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn)) != 0)
        return failed;
    failed = mdb_dbi_open(txn, NULL, 0, &env->dbi);
    mdb_txn_abort(txn);
    return failed;
}

static int guard_forks(store_env *env)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    env->mine = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (env->mine == MAP_FAILED) {
        env->mine = NULL;
        return errno;
    }
    *env->mine = 1;
    /* A kernel (or valgrind) without it: the guard is missing, nothing else. */
    (void)madvise(env->mine, page, MADV_WIPEONFORK);
    return 0;
}

maru_status env_open(store_env *env, const char *path, bool alone, size_t map_bytes, maru_log *log, maru_error *error)
{
    maru_status status;
    int         failed;

    *env = (store_env){.path = strdup(path), .log = log};
    if (!env->path || (failed = guard_forks(env)) != 0)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    else if ((status = take_lock_blocks(path, alone, error)) == MARU_OK &&
             (status = open_largest(env, map_bytes, error)) == MARU_OK && (failed = open_table(env)) != 0)
        status = maru_error_set(error, fault_status(failed), "%s: %s", path, fault_words(failed));
    if (status != MARU_OK)
        env_close(env);
    return status;
}

void env_close(store_env *env)
{
    if (env->mdb)
        mdb_env_close(env->mdb);
    if (env->mine)
        munmap(env->mine, (size_t)sysconf(_SC_PAGESIZE));
    free(env->path);
    *env = (store_env){.mdb = NULL};
}

bool env_is_mine(const store_env *env)
{
    return *env->mine == 1;
}

/* Asks before LMDB gives up the old map for one that it may not get. */
static bool address_space(size_t size)
{
    void *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        return false;
    munmap(at, size);
    return true;
}

int env_grow(store_env *env)
{
    MDB_envinfo now;
    MDB_stat    stat;
    size_t      need, want;

    mdb_env_info(env->mdb, &now);
    mdb_env_stat(env->mdb, &stat);
    need = (now.me_last_pgno + 1) * stat.ms_psize;
    for (want = now.me_mapsize; want < need;)
        want *= 2;
    want = address_space(want * 2) ? want * 2 : want;
    if (!address_space(want))
        return ENOMEM;
    return mdb_env_set_mapsize(env->mdb, want);
}

int env_check_readers(store_env *env)
{
    int dead = 0;

    mdb_reader_check(env->mdb, &dead);
    return dead;
}

/* A record of the list is a transaction's number, how many, and each. */
int env_free_pages(MDB_txn *txn, size_t before, size_t enough, size_t *pages)
{
    MDB_cursor *cursor;
    MDB_val     key, value;
    int         rc = mdb_cursor_open(txn, 0, &cursor);

    *pages = 0;
    if (rc != 0)
        return rc;
    while (*pages < enough && (rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        size_t number = 0, count = 0;

        memcpy(&number, key.mv_data, key.mv_size < sizeof number ? key.mv_size : sizeof number);
        if (number >= before)
            break;
        memcpy(&count, value.mv_data, value.mv_size < sizeof count ? value.mv_size : sizeof count);
        *pages += count;
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

bool env_panicked(const store_env *env)
{
    MDB_txn *txn;
    int      rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);

    if (rc == 0)
        mdb_txn_abort(txn);
    return rc == MDB_PANIC;
}

/* A write up to the limit is cut short there, and leaves the file that long. */
static bool is_at_limit(int fd)
{
    struct rlimit limit;
    struct stat   about;

    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && fstat(fd, &about) == 0 &&
           (uint64_t)about.st_size + ROOM_BYTES > limit.rlim_cur;
}

/* Growing the file says why; what it grew by is given back. Nobody else writes: the writer has its turn. */
static int probe(int fd)
{
    uint8_t     zeros[8192] = {0}; /* on the stack: static it would be a part of each service's file */
    struct stat about;
    int         failed = 0;

    if (fstat(fd, &about) != 0)
        return errno;
    for (size_t grown = 0; grown < ROOM_BYTES && !failed; grown += sizeof zeros)
        failed = write_whole(fd, zeros, sizeof zeros, (uint64_t)about.st_size + grown);
    /* Left longer it would be as after any commit that failed. */
    if (ftruncate(fd, about.st_size) != 0 && !failed)
        failed = errno;
    return failed;
}

/* 0: it can't be told; there is room by now. */
static int why_short(MDB_env *mdb)
{
    struct statvfs about;
    int            fd;

    if (mdb_env_get_fd(mdb, &fd) != 0)
        return EIO;
    if (is_at_limit(fd))
        return EFBIG;
    if (fstatvfs(fd, &about) == 0 && (uint64_t)about.f_bavail * about.f_frsize <= ROOM_BYTES)
        return ENOSPC;
    return probe(fd);
}

/* Nothing sets errno to 0: where it still is, no call of the system failed. Else it may be of a call that was tried
 * again; but a call that failed with EIO ends the commit, and no other fails after it. */
int env_commit(MDB_env *mdb, MDB_txn *txn)
{
    int rc, last, why;

    errno = 0;
    rc = mdb_txn_commit(txn);
    last = errno;
    if (rc != EIO || last == EIO)
        return rc;
    why = why_short(mdb);
    if (why)
        return why;
    return last ? EIO : ENOSPC;
}
