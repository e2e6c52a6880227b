/* fault.c: error numbers to status codes and words (contract: fault.h). */
#include "store/fault.h"

#include <errno.h>
#include <lmdb.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct fault {
    int         rc;
    maru_status status;
    const char *words;
} fault;

/* Whatever is not here is INTERNAL, in LMDB's own words. */
static const fault faults[] = {
    {0, MARU_OK, "done"},
    {MDB_NOTFOUND, MARU_NOT_FOUND, "no such record"},
    {MDB_MAP_FULL, MARU_RESOURCE_EXHAUSTED, "the store has reached its largest size (map_bytes)"},
    {MDB_TXN_FULL, MARU_RESOURCE_EXHAUSTED, "one write changes too many pages"},
    {MDB_READERS_FULL, MARU_RESOURCE_EXHAUSTED, "too many reads at once"},
    {MDB_CURSOR_FULL, MARU_DATA_LOSS, "the file is damaged: a tree is too deep"},
    {MDB_PAGE_FULL, MARU_DATA_LOSS, "the file is damaged: a page is too full"},
    {MDB_PAGE_NOTFOUND, MARU_DATA_LOSS, "the file is damaged: a page is missing"},
    {MDB_CORRUPTED, MARU_DATA_LOSS, "the file is damaged: a page is of the wrong kind"},
    {MDB_INVALID, MARU_DATA_LOSS, "the file is no LMDB file, or damaged"},
    {MDB_VERSION_MISMATCH, MARU_FAILED_PRECONDITION, "the file is of another version of LMDB"},
    {ENOSPC, MARU_RESOURCE_EXHAUSTED, "the file system is full"},
    {EDQUOT, MARU_RESOURCE_EXHAUSTED, "the disk quota is used up"},
    {EFBIG, MARU_RESOURCE_EXHAUSTED, "the file has reached the largest size allowed"},
    {ENOMEM, MARU_RESOURCE_EXHAUSTED, "out of memory"},
    {EMFILE, MARU_RESOURCE_EXHAUSTED, "too many files are open in this process"},
    {ENFILE, MARU_RESOURCE_EXHAUSTED, "too many files are open on this machine"},
    {EACCES, MARU_PERMISSION_DENIED, "permission denied"},
    {EPERM, MARU_PERMISSION_DENIED, "operation not permitted"},
    {EROFS, MARU_PERMISSION_DENIED, "the file system is read-only"},
    {ENOENT, MARU_NOT_FOUND, "no such file or folder"},
    {ENOTDIR, MARU_FAILED_PRECONDITION, "it is no folder"},
    {EIO, MARU_DATA_LOSS, "the disk reports an error"},
    {MDB_PANIC, MARU_DATA_LOSS, "an earlier write to the disk failed"},
};

static const fault *find(int rc)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i].rc == rc)
            return &faults[i];
    return NULL;
}

maru_status fault_status(int rc)
{
    const fault *known = find(rc);

    return known ? known->status : MARU_INTERNAL;
}

const char *fault_words(int rc)
{
    const fault *known = find(rc);

    return known ? known->words : mdb_strerror(rc);
}

maru_status fault_error(const char *path, int rc, maru_error *error)
{
    return maru_error_set(error, fault_status(rc), "%s: %s", path, fault_words(rc));
}

maru_status fault_say_more(maru_status status, const char *more, maru_error *error)
{
    maru_error why = *error;

    return status != MARU_DATA_LOSS ? status : maru_error_set(error, status, "%s; %s", why.text, more);
}

bool fault_is_full(int rc)
{
    return fault_status(rc) == MARU_RESOURCE_EXHAUSTED;
}

bool fault_is_fatal(int rc)
{
    return rc == EIO || rc == MDB_PANIC;
}

void fault_log(maru_log *log, const char *path, const char *format, ...)
{
    char    words[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    log_write(log, LOG_STORE, MARU_LOG_WARN, LOG_FIELDS({"path", path, 0}), "%s", words);
}

void fault_die(maru_log *log, const char *path, const char *step, const char *words)
{
    if (!log_wants(log, LOG_STORE, MARU_LOG_ERROR)) /* whatever is switched off, these words are the last */
        dprintf(STDERR_FILENO, "%s: %s: %s; this process ends\n", path, step, words);
    log_write(log, LOG_STORE, MARU_LOG_ERROR, LOG_FIELDS({"path", path, 0}),
              "%s: %s; this process ends, because it can no longer say what is on the disk", step, words);
    abort();
}
