/* flush_shim.c: preloaded between a store and the disk (contract: flush_shim.h). */
#include "flush_shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* A preloaded library has no one to hand its state to. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t  changed;
    long            done[SHIM_STEPS];
    int             fail[SHIM_STEPS];
    int             hold; /* a step, or -1 */
    int             cut;  /* likewise */
    bool            held;
} shim = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .hold = -1, .cut = -1};

long shim_count(shim_step step);
void shim_hold(shim_step step);
void shim_wait(void);
void shim_release(void);
void shim_fail(shim_step step, int number);
void shim_cut(shim_step step);

long shim_count(shim_step step)
{
    long count;

    pthread_mutex_lock(&shim.mutex);
    count = shim.done[step];
    pthread_mutex_unlock(&shim.mutex);
    return count;
}

void shim_hold(shim_step step)
{
    pthread_mutex_lock(&shim.mutex);
    shim.hold = (int)step;
    shim.held = false;
    pthread_cond_broadcast(&shim.changed); /* of who is at another step */
    pthread_mutex_unlock(&shim.mutex);
}

void shim_wait(void)
{
    pthread_mutex_lock(&shim.mutex);
    while (!shim.held)
        pthread_cond_wait(&shim.changed, &shim.mutex);
    pthread_mutex_unlock(&shim.mutex);
}

void shim_release(void)
{
    pthread_mutex_lock(&shim.mutex);
    shim.hold = -1;
    pthread_cond_broadcast(&shim.changed);
    pthread_mutex_unlock(&shim.mutex);
}

void shim_fail(shim_step step, int number)
{
    pthread_mutex_lock(&shim.mutex);
    shim.fail[step] = number;
    pthread_mutex_unlock(&shim.mutex);
}

void shim_cut(shim_step step)
{
    pthread_mutex_lock(&shim.mutex);
    shim.cut = (int)step;
    pthread_mutex_unlock(&shim.mutex);
}

static bool is_cut(shim_step step)
{
    bool is;

    pthread_mutex_lock(&shim.mutex);
    if ((is = shim.cut == (int)step)) {
        shim.cut = -1;
        errno = shim.fail[step] ? EINTR : errno; /* as a call that was tried again leaves it */
    }
    pthread_mutex_unlock(&shim.mutex);
    return is;
}

static shim_step data_step(int fd, bool flush)
{
    if (flush)
        return SHIM_FLUSH;
    return fcntl(fd, F_GETFL) & O_DSYNC ? SHIM_HEADER : SHIM_DATA;
}

/* SHIM_STEPS where the file is none of ours. */
static shim_step step_of(int fd, bool flush)
{
    char        link[64], path[4096];
    const char *name;
    ssize_t     size;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    name = strrchr(path, '/');
    if (name && strcmp(name, "/data.mdb") == 0)
        return data_step(fd, flush);
    if (name && strncmp(name, "/journal.", 9) == 0)
        return flush ? SHIM_JOURNAL : SHIM_APPEND;
    return name && strcmp(name, "/lock.mdb") == 0 ? SHIM_NO_COPY : SHIM_STEPS;
}

/* Waits where it is told to; the errno that the step shall fail with. */
static int before(shim_step step)
{
    int fail;

    pthread_mutex_lock(&shim.mutex);
    while (shim.hold == (int)step) {
        shim.held = true;
        pthread_cond_broadcast(&shim.changed);
        pthread_cond_wait(&shim.changed, &shim.mutex);
    }
    fail = shim.fail[step];
    pthread_mutex_unlock(&shim.mutex);
    return fail;
}

static void after(shim_step step)
{
    pthread_mutex_lock(&shim.mutex);
    shim.done[step]++;
    pthread_mutex_unlock(&shim.mutex);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define AROUND(fd, flush, type, call, less)                                                                            \
    shim_step step = step_of(fd, flush);                                                                               \
    type      result;                                                                                                  \
    int       fail;                                                                                                    \
                                                                                                                       \
    if (step == SHIM_STEPS)                                                                                            \
        return call;                                                                                                   \
    if (is_cut(step))                                                                                                  \
        return less;                                                                                                   \
    if ((fail = before(step)) != 0) {                                                                                  \
        errno = fail;                                                                                                  \
        return -1;                                                                                                     \
    }                                                                                                                  \
    result = call;                                                                                                     \
    after(step);                                                                                                       \
    return result

int fdatasync(int fd)
{
    AROUND(fd, true, int, REAL(fdatasync)(fd), 0);
}

int fsync(int fd)
{
    AROUND(fd, true, int, REAL(fsync)(fd), 0);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at)
{
    AROUND(fd, false, ssize_t, REAL(pwrite)(fd, from, size, at), REAL(pwrite)(fd, from, size / 2, at));
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at)
{
    AROUND(fd, false, ssize_t, REAL(pwrite64)(fd, from, size, at), REAL(pwrite64)(fd, from, size / 2, at));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    AROUND(fd, false, ssize_t, REAL(writev)(fd, parts, count), REAL(writev)(fd, parts, count / 2));
}

/* Of lock.mdb it is as on btrfs. */
int ioctl(int fd, unsigned long request, ...)
{
    va_list     args;
    int        *flags;
    struct stat about;

    va_start(args, request);
    flags = va_arg(args, void *);
    va_end(args);
    if ((request != FS_IOC_GETFLAGS && request != FS_IOC_SETFLAGS) || step_of(fd, false) != SHIM_NO_COPY)
        return REAL(ioctl)(fd, request, flags);
    if (request == FS_IOC_GETFLAGS)
        *flags = 0;
    else if (*flags == FS_NOCOW_FL && fstat(fd, &about) == 0 && about.st_size == 0)
        after(SHIM_NO_COPY);
    return 0;
}
