/* made.c: the file STORE (contract: made.h). */
#include "store/made.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/whole.h"
#include "store/fault.h"
#include "store/segment.h"

static const char marker[] = "STORE";

static void name_marker(const char *path, char full[static PATH_MAX])
{
    snprintf(full, PATH_MAX, "%.*s/%s", PATH_MAX - 32, path, marker);
}

static maru_status errno_at(const char *path, int number, maru_error *error)
{
    return maru_error_set(error, fault_status(number), "%s: %s", path, fault_words(number));
}

static maru_status sync_folder(const char *path, maru_error *error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    return failed ? errno_at(path, failed, error) : MARU_OK;
}

bool made_is(const char *path)
{
    char full[PATH_MAX];

    name_marker(path, full);
    return access(full, F_OK) == 0;
}

maru_status made_note(const char *path, const char *service, maru_log *log, maru_error *error)
{
    char full[PATH_MAX], words[256];
    int  fd, size, failed;

    name_marker(path, full);
    if (access(full, F_OK) == 0)
        return MARU_OK;
    size = snprintf(words, sizeof words, "The store of %s. Its records are in data.mdb; keep this file beside it.\n",
                    service);
    if ((fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) < 0)
        return errno_at(full, errno, error);
    if ((failed = write_whole(fd, words, (size_t)size, 0)) != 0)
        fault_log(log, path, "%s could not be written in full: %s", marker, fault_words(failed));
    close(fd);
    return sync_folder(path, error);
}

bool made_has_journal(const char *path)
{
    char    full[PATH_MAX], words[1024];
    ssize_t size;
    int     fd;

    name_marker(path, full);
    if ((fd = open(full, O_RDONLY | O_CLOEXEC)) < 0)
        return errno != ENOENT;
    size = read(fd, words, sizeof words - 1);
    close(fd);
    words[size > 0 ? size : 0] = '\0';
    return size < 0 || strstr(words, segment_name(0)) != NULL;
}

maru_status made_note_journal(const char *path, maru_error *error)
{
    static const char words[] = "What was written last is in journal.0 and journal.1; keep them too.\n";
    char              full[PATH_MAX];
    int               fd, failed;

    if (made_has_journal(path))
        return MARU_OK;
    name_marker(path, full);
    if ((fd = open(full, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) < 0)
        return errno_at(full, errno, error);
    if ((failed = write_whole(fd, words, sizeof words - 1, 0)) == 0 && fsync(fd) != 0)
        failed = errno;
    close(fd);
    return failed ? errno_at(full, failed, error) : sync_folder(path, error);
}
