/* made.c: the file STORE (contract: made.h). */
#include "store/made.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"
#include "base/whole.h"
#include "store/fault.h"
#include "store/folder.h"
#include "store/segment.h"

enum { WORDS_MAX = 256 };

static const char marker[] = MADE_MARKER, fresh[] = MADE_FRESH;
static const char of_journal[] = "What was written last is in journal.0 and journal.1; keep them too.\n";

static maru_status sync_folder(const char *path, maru_error *error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    return failed ? fault_error(path, failed, error) : MARU_OK;
}

/* Of what could not be opened. is: of regular_open. */
static maru_status marker_error(const char *full, const char *is, maru_error *error)
{
    if (!is)
        return fault_error(full, errno, error);
    return maru_error_set(error, MARU_DATA_LOSS,
                          "%s is %s; want the file that says that a store was made here: put it back, or restore the "
                          "store from a backup",
                          full, is);
}

bool made_is(const char *path)
{
    char full[PATH_MAX];

    return folder_file(path, marker, full, NULL) == MARU_OK && access(full, F_OK) == 0;
}

maru_status made_lost(const char *file, maru_error *error)
{
    return maru_error_set(error, MARU_DATA_LOSS,
                          "%s is missing or empty, though a store was made here; restore it from a backup", file);
}

static size_t write_words(const char *service, char words[static WORDS_MAX])
{
    return (size_t)snprintf(words, WORDS_MAX,
                            "The store of %.100s. Its records are in data.mdb; keep this file beside it.\n", service);
}

maru_status made_note(const char *path, const char *service, maru_log *log, maru_error *error)
{
    char        full[PATH_MAX], words[WORDS_MAX];
    size_t      size = write_words(service, words);
    const char *is;
    maru_status status = folder_file(path, marker, full, error);
    int         fd, failed;

    if (status != MARU_OK)
        return status;
    if (access(full, F_OK) == 0)
        return MARU_OK;
    if ((status = sync_folder(path, error)) != MARU_OK) /* data.mdb has its name first */
        return status;
    if ((fd = regular_open(full, O_WRONLY | O_CREAT, &is)) < 0)
        return marker_error(full, is, error);
    if ((failed = write_whole(fd, words, size, 0)) != 0)
        fault_log(log, path, "%s could not be written in full: %s", marker, fault_words(failed));
    close(fd);
    return sync_folder(path, error);
}

maru_status made_anew(const char *path, const char *service, maru_error *error)
{
    char        full[PATH_MAX], from[PATH_MAX], words[WORDS_MAX];
    size_t      size = write_words(service, words);
    maru_status status;
    int         fd, failed;

    if ((status = folder_file(path, marker, full, error)) != MARU_OK ||
        (status = folder_file(path, fresh, from, error)) != MARU_OK)
        return status;
    if ((unlink(from) != 0 && errno != ENOENT) /* of one that was killed */
        || (fd = open(from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        return fault_error(from, errno, error);
    if ((failed = folder_give(path, fd)) == 0 && (failed = write_whole(fd, words, size, 0)) == 0 && fsync(fd) != 0)
        failed = errno;
    close(fd);
    if (failed == 0 && rename(from, full) != 0)
        failed = errno;
    if (failed == 0)
        return sync_folder(path, error);
    unlink(from);
    return fault_error(full, failed, error);
}

maru_status made_with_journal(const char *path, bool *journal, maru_error *error)
{
    char        full[PATH_MAX], words[1024];
    const char *is;
    maru_status status = folder_file(path, marker, full, error);
    ssize_t     size;
    int         fd;

    *journal = false;
    if (status != MARU_OK)
        return status;
    if ((fd = regular_open(full, O_RDONLY, &is)) < 0)
        return errno == ENOENT ? MARU_OK : marker_error(full, is, error);
    size = read(fd, words, sizeof words - 1);
    close(fd);
    words[size > 0 ? size : 0] = '\0';
    *journal = size < 0 || strstr(words, segment_name(0)) != NULL;
    return MARU_OK;
}

static int write_at_end(int fd, const char *line)
{
    struct stat about;

    return fstat(fd, &about) == 0 ? write_whole(fd, line, strlen(line), (uint64_t)about.st_size) : errno;
}

static maru_status add_line(const char *path, const char *line, maru_error *error)
{
    char        full[PATH_MAX];
    const char *is;
    maru_status status = folder_file(path, marker, full, error);
    int         fd, failed;

    if (status != MARU_OK)
        return status;
    if ((fd = regular_open(full, O_WRONLY | O_CREAT, &is)) < 0)
        return marker_error(full, is, error);
    if ((failed = write_at_end(fd, line)) == 0 && fsync(fd) != 0)
        failed = errno;
    close(fd);
    return failed ? fault_error(full, failed, error) : sync_folder(path, error);
}

/* The journal's files have their names before they are promised: a flush of a file keeps its bytes, and on some file
 * systems only that of the folder keeps its name. */
maru_status made_note_journal(const char *path, maru_error *error)
{
    bool        journal;
    maru_status status = made_with_journal(path, &journal, error);

    if (status != MARU_OK || journal)
        return status;
    status = sync_folder(path, error);
    return status == MARU_OK ? add_line(path, of_journal, error) : status;
}
