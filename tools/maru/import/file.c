/* file.c: a file, plain or gzip, as the records of a CSV (file.h). zlib reads both. */
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

enum { PIECE = 65536 };

static const char CUT[] = "ends in the middle of its gzip data";

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

/* What zlib says of a failed read, for people: without the path, which it puts in front itself. */
static const char *read_words(gzFile file, const char *path)
{
    int         code;
    const char *words = gzerror(file, &code);
    size_t      size = strlen(path);

    if (strncmp(words, path, size) == 0 && strncmp(words + size, ": ", 2) == 0)
        words += size + 2;
    return code == Z_ERRNO ? strerror(errno) : code == Z_BUF_ERROR ? CUT : words;
}

/* zlib gives what it could read of a gzip file that was cut, and then says so. */
static bool is_cut(gzFile file)
{
    int code;

    gzerror(file, &code);
    return code == Z_BUF_ERROR;
}

static bool read_all(gzFile file, const char *path, file_event fn, void *arg, struct file_error *error)
{
    struct csv csv;
    char       piece[PIECE];
    int        size;
    bool       done = csv_begin(&csv) || fail(error, path, "out of memory");

    while (done && (size = gzread(file, piece, sizeof piece)) != 0) {
        if (size < 0)
            done = fail(error, path, read_words(file, path));
        else
            done = csv_feed(&csv, piece, (size_t)size) ? take(&csv, fn, arg) : fail(error, path, "out of memory");
    }
    if (done && is_cut(file)) /* before its last line, which is half a line, is taken for one */
        done = fail(error, path, CUT);
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
    gzFile file;
    bool   done;

    error->text[0] = '\0';
    if (!is_file(path, error))
        return false;
    if ((file = gzopen(path, "rb")) == NULL)
        return fail(error, path, strerror(errno));
    done = read_all(file, path, fn, arg, error);
    gzclose_r(file);
    return done;
}
