/* file.c: a file, plain or gzip, as the records of a CSV (file.h). */
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "source.h"

enum { PIECE = 65536 };

static bool fail(struct file_error *error, const char *path, const char *words)
{
    snprintf(error->text, sizeof error->text, "%s: %s", path, words);
    return false;
}

static bool take(struct csv *csv, file_event fn, void *arg)
{
    struct csv_record record;
    enum csv_event    event;

    while ((event = csv_next(csv, &record)) != CSV_MORE)
        if (!fn(arg, event, &record))
            return false;
    return true;
}

/* Where a CR alone ends the lines, all of the file would be its first, which names the columns: nothing would be read
 * of it, and nothing said. */
static bool is_one_line(const char *piece, size_t size)
{
    const char *end = memchr(piece, '\n', size);
    const char *cr;

    if (end == NULL)
        end = piece + size;
    cr = memchr(piece, '\r', (size_t)(end - piece));
    return cr != NULL && cr + 1 < end;
}

static bool read_all(struct source *source, const char *path, file_event fn, void *arg, struct file_error *error)
{
    struct csv csv;
    char       piece[PIECE];
    long       size;
    bool       first = true, done = csv_begin(&csv) || fail(error, path, "out of memory");

    while (done && (size = source_read(source, piece, sizeof piece)) != 0) {
        if (size < 0)
            done = fail(error, path, source->fault);
        else if (first && is_one_line(piece, (size_t)size))
            done = fail(error, path, "want lines that end with LF or CR LF, got a CR alone in the first");
        else
            done = csv_feed(&csv, piece, (size_t)size) ? take(&csv, fn, arg) : fail(error, path, "out of memory");
        first = false;
    }
    if (done) {
        csv_finish(&csv);
        done = take(&csv, fn, arg);
    }
    csv_free(&csv);
    return done;
}

static bool is_file(const char *path, struct file_error *error)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return fail(error, path, strerror(errno));
    return !S_ISDIR(st.st_mode) || fail(error, path, "want a file, got a folder");
}

bool file_read(const char *path, file_event fn, void *arg, struct file_error *error)
{
    struct source *source;
    bool           done;

    error->text[0] = '\0';
    if (!is_file(path, error))
        return false;
    if ((source = malloc(sizeof *source)) == NULL)
        return fail(error, path, "out of memory");
    done = source_open(source, path) ? read_all(source, path, fn, arg, error) : fail(error, path, strerror(errno));
    source_close(source);
    free(source);
    return done;
}
