/* power_shim.c: loses what was not flushed (contract: power_shim.h). */
#include "power_shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES = 4, PATH_SIZE = 4096, HEADERS = 8192, SECTOR = 512, BLOCK = 4096 };

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* A write that was not flushed: what it wrote, and what was there. */
typedef struct noted {
    struct noted *next;
    uint64_t      number; /* of all, from 1 */
    off_t         at;
    size_t        size;
    uint8_t      *fresh, *old;
} noted;

typedef struct lost_file {
    int    fd;    /* of the shim's own; -1: not seen yet */
    bool   named; /* its name is on the disk, too */
    char   path[PATH_SIZE];
    off_t  flushed_size;
    noted *first, **last;
} lost_file;

static const char *const names[FILES] = {"/data.mdb", "/journal.0", "/journal.1", "/STORE"};

/* A preloaded library has no one to hand its state to. */
static struct {
    pthread_mutex_t mutex;
    lost_file       files[FILES];
    long            step, cut_at;
    uint64_t        notes;
    uint64_t        seed;
    unsigned        full_one_in;
} power = {.mutex = PTHREAD_MUTEX_INITIALIZER, .files = {{.fd = -1}, {.fd = -1}, {.fd = -1}, {.fd = -1}}};

void power_full(unsigned one_in);

static uint64_t next_random(void)
{
    power.seed ^= power.seed << 13;
    power.seed ^= power.seed >> 7;
    power.seed ^= power.seed << 17;
    return power.seed;
}

static void fail(const char *what)
{
    perror(what);
    _exit(9);
}

static void read_settings(void)
{
    const char *at = getenv("MARU_CUT_AT"), *seed = getenv("MARU_CUT_SEED");

    power.cut_at = at ? atol(at) : -1;
    power.seed = seed ? strtoull(seed, NULL, 10) | 1 : 1;
}

/* The file that fd is of, its contents until now taken as flushed where it is new; NULL: none of ours. */
static lost_file *file_of(int fd)
{
    char    link[64], path[PATH_SIZE];
    ssize_t size;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    for (int i = 0; i < FILES; i++) {
        size_t      length = strlen(names[i]);
        lost_file  *file = &power.files[i];
        struct stat about;

        if (size < (ssize_t)length || strcmp(path + size - length, names[i]) != 0)
            continue;
        if (file->fd < 0) {
            if ((file->fd = open(path, O_RDWR | O_CLOEXEC)) < 0 || fstat(file->fd, &about) != 0)
                fail(path);
            file->flushed_size = about.st_size;
            file->named = file->named || about.st_size > 0;
            snprintf(file->path, sizeof file->path, "%s", path);
            file->last = &file->first;
            if (power.cut_at == 0)
                read_settings();
        }
        return file;
    }
    return NULL;
}

/* ---- the cut ---- */

static void undo_all(lost_file *file, noted *one)
{
    if (!one)
        return;
    undo_all(file, one->next);
    if (REAL(pwrite)(file->fd, one->old, one->size, one->at) != (ssize_t)one->size)
        fail("undo");
}

static void do_some(lost_file *file)
{
    uint64_t odds = next_random() % 5; /* of 4: from nothing to everything */
    size_t   piece = next_random() % 2 ? SECTOR : BLOCK;

    for (const noted *one = file->first; one; one = one->next)
        for (size_t done = 0; done < one->size;) {
            size_t left = one->size - done, step = piece - (size_t)(one->at + (off_t)done) % piece;

            step = step < left ? step : left;
            if (next_random() % 4 < odds &&
                REAL(pwrite)(file->fd, one->fresh + done, step, one->at + (off_t)done) != (ssize_t)step)
                fail("do");
            done += step;
        }
}

static void cut_file(lost_file *file)
{
    if (file->fd < 0)
        return;
    if (!file->named && next_random() % 2 && unlink(file->path) != 0)
        fail("unlink");
    undo_all(file, file->first);
    if (REAL(ftruncate)(file->fd, file->flushed_size) != 0)
        fail("truncate");
    do_some(file);
}

/* With the mutex held. */
static void step(void)
{
    if (++power.step != power.cut_at)
        return;
    for (int i = 0; i < FILES; i++)
        cut_file(&power.files[i]);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* ---- notes ---- */

static void note(lost_file *file, const void *from, size_t size, off_t at)
{
    noted  *one = calloc(1, sizeof *one + 2 * size);
    ssize_t got;

    if (!one)
        fail("memory");
    *one = (noted){.number = ++power.notes, .at = at, .size = size, .fresh = (uint8_t *)(one + 1)};
    one->old = one->fresh + size;
    memcpy(one->fresh, from, size);
    if ((got = pread(file->fd, one->old, size, at)) < 0)
        fail("read");
    *file->last = one;
    file->last = &one->next;
}

/* Forgets the notes up to a number; size is what the file had then. */
static void flushed(lost_file *file, uint64_t number, off_t size)
{
    while (file->first && file->first->number <= number) {
        noted *one = file->first;

        file->first = one->next;
        free(one);
    }
    if (!file->first)
        file->last = &file->first;
    file->flushed_size = size > file->flushed_size ? size : file->flushed_size;
}

static void keep_names(int folder)
{
    for (int i = 0; i < FILES; i++)
        power.files[i].named = power.files[i].named || faccessat(folder, names[i] + 1, F_OK, 0) == 0;
}

static off_t size_of(const lost_file *file)
{
    struct stat about;

    if (fstat(file->fd, &about) != 0)
        fail("stat");
    return about.st_size;
}

/* ---- what is preloaded ---- */

void power_full(unsigned one_in)
{
    pthread_mutex_lock(&power.mutex);
    power.full_one_in = one_in;
    pthread_mutex_unlock(&power.mutex);
}

static bool is_full(const lost_file *file, off_t at)
{
    return file == &power.files[0] && at >= HEADERS && power.full_one_in > 0 && next_random() % power.full_one_in == 0;
}

static ssize_t write_noted(int fd, const void *from, size_t size, off_t at, bool may_fail)
{
    lost_file *file;
    ssize_t    wrote;

    pthread_mutex_lock(&power.mutex);
    file = file_of(fd);
    if (file && may_fail && is_full(file, at)) {
        wrote = -1;
        errno = ENOSPC;
    } else if (file) {
        step();
        note(file, from, size, at);
        wrote = REAL(pwrite)(fd, from, size, at);
        if (wrote == (ssize_t)size && fcntl(fd, F_GETFL) & O_DSYNC && !file->first->next)
            flushed(file, power.notes, size_of(file));
    } else {
        wrote = REAL(pwrite)(fd, from, size, at);
    }
    pthread_mutex_unlock(&power.mutex);
    return wrote;
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at)
{
    return write_noted(fd, from, size, at, true);
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at)
{
    return write_noted(fd, from, size, at, true);
}

/* LMDB seeks first, under its own lock. It is full from the start or not at all: LMDB takes a short write for a broken
 * disk, unless the file system is full, which it is not here. */
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    off_t   at = lseek(fd, 0, SEEK_CUR);
    ssize_t sum = 0;
    bool    ours;

    pthread_mutex_lock(&power.mutex);
    ours = at >= 0 && file_of(fd) != NULL;
    pthread_mutex_unlock(&power.mutex);
    if (!ours)
        return REAL(writev)(fd, parts, count);
    for (int i = 0; i < count; i++) {
        ssize_t wrote = write_noted(fd, parts[i].iov_base, parts[i].iov_len, at + sum, i == 0);

        if (wrote < 0)
            return sum > 0 ? sum : wrote;
        sum += wrote;
    }
    if (lseek(fd, at + sum, SEEK_SET) < 0)
        return -1;
    return sum;
}

static int flush_folder(int fd)
{
    pthread_mutex_lock(&power.mutex);
    step();
    keep_names(fd);
    step();
    pthread_mutex_unlock(&power.mutex);
    return 0;
}

static bool is_folder(int fd)
{
    struct stat about;

    return fstat(fd, &about) == 0 && S_ISDIR(about.st_mode);
}

static int flush_noted(int fd, int (*real)(int))
{
    lost_file *file;
    uint64_t   number = 0;
    off_t      size = 0;
    int        rc;

    if (is_folder(fd))
        return flush_folder(fd);
    pthread_mutex_lock(&power.mutex);
    if ((file = file_of(fd)) != NULL) {
        step();
        number = power.notes;
        size = size_of(file);
    }
    pthread_mutex_unlock(&power.mutex);
    rc = file ? 0 : real(fd); /* a disk that is there: what counts is what the shim loses */
    pthread_mutex_lock(&power.mutex);
    if (file) {
        flushed(file, number, size);
        step();
    }
    pthread_mutex_unlock(&power.mutex);
    return rc;
}

int fdatasync(int fd)
{
    return flush_noted(fd, REAL(fdatasync));
}

int fsync(int fd)
{
    return flush_noted(fd, REAL(fsync));
}

int ftruncate(int fd, off_t size)
{
    lost_file *file;
    int        rc;

    pthread_mutex_lock(&power.mutex);
    file = file_of(fd);
    rc = REAL(ftruncate)(fd, size);
    if (file && rc == 0 && size < file->flushed_size)
        file->flushed_size = size;
    pthread_mutex_unlock(&power.mutex);
    return rc;
}
