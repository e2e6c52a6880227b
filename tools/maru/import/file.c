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

/* What other files have where a CSV has the names of its columns. */
static const struct {
    const char *bytes, *name;
    size_t      at;
} OTHERS[] = {
    {"\xff\xfe", "UTF-16", 0}, {"\xfe\xff", "UTF-16", 0},       {"1AY&SY", "bzip2", 4},
    {"\xfd\x37zXZ", "xz", 0},  {"\x28\xb5\x2f\xfd", "zstd", 0}, {"PK\3\4", "zip, as a workbook is", 0},
};

static const char *other_kind(const char *piece, size_t size)
{
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        size_t count = strlen(OTHERS[i].bytes);

        if (size >= OTHERS[i].at + count && memcmp(piece + OTHERS[i].at, OTHERS[i].bytes, count) == 0)
            return OTHERS[i].name;
    }
    return NULL;
}

static bool is_text(const char *piece, size_t size)
{
    for (size_t i = 0; i < size && piece[i] != '\n'; i++)
        if ((unsigned char)piece[i] < ' ' && piece[i] != '\t' && piece[i] != '\r')
            return false;
    return true;
}

/* Whether a file may be a CSV, by its first piece. */
static bool begins_well(const char *path, const char *piece, size_t size, struct file_error *error)
{
    const char *other = other_kind(piece, size);
    char        words[80];

    if (other == NULL && !is_one_line(piece, size))
        return true;
    if (other == NULL && is_text(piece, size))
        return fail(error, path, "want lines that end with LF or CR LF, got a CR alone in the first");
    snprintf(words, sizeof words, "want a CSV in UTF-8, plain or gzip, got %s",
             other != NULL ? other : "control characters in the first line");
    return fail(error, path, words);
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
        else if (first && !begins_well(path, piece, (size_t)size, error))
            done = false;
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
