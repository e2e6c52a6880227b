/* state.c: prints and parses up.state, and writes it by rename. */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/oserror.h"
#include "base/regular.h"

enum { STATE_FILE_MAX = STATE_MAX * 1024, WORDS = 7 };

void state_print(const state_row *rows, size_t count, FILE *out)
{
    fprintf(out, "maru-up 1\n");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "service\t%s\t%" PRId64 "\t%s\t%u\t%" PRId64 "\t%s\n", rows[i].name, rows[i].pid,
                child_state_name(rows[i].state), rows[i].restarts, rows[i].started_ms, rows[i].urls);
    fprintf(out, "end\n");
}

static bool parse_number(const char *text, int64_t max, int64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *number >= 0 && *number <= max;
}

/* The words of a line, cut in place; false where there are not WORDS of them. */
static bool cut_words(char *line, char *words[WORDS])
{
    for (int i = 0; i < WORDS; i++)
        if ((words[i] = strsep(&line, "\t")) == NULL)
            return false;
    return line == NULL;
}

static bool parse_row(char *line, state_row *row)
{
    char   *words[WORDS];
    int64_t restarts;

    *row = (state_row){0};
    if (!cut_words(line, words) || strcmp(words[0], "service") != 0 || words[1][0] == '\0' ||
        strlen(words[1]) > STATE_NAME_MAX || strlen(words[6]) >= STATE_URLS_MAX)
        return false;
    snprintf(row->name, sizeof row->name, "%s", words[1]);
    snprintf(row->urls, sizeof row->urls, "%s", words[6]);
    row->state = child_state_parse(words[3]);
    if (row->state == CHILD_STATES || !parse_number(words[2], INT_MAX, &row->pid) ||
        !parse_number(words[4], UINT_MAX, &restarts) || !parse_number(words[5], INT64_MAX, &row->started_ms))
        return false;
    row->restarts = (unsigned)restarts;
    return true;
}

static maru_status bad_line(const char *name, size_t number, const char *want, const char *got, maru_error *error)
{
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s:%zu: want %s, got \"%.100s\"", name, number, want, got);
}

static maru_status parse_lines(const char *name, char *text, state_row *rows, size_t max, size_t *count,
                               maru_error *error)
{
    char  *line;
    size_t number = 1;

    for (*count = 0; (line = strsep(&text, "\n")) != NULL; number++) {
        char      copy[128];
        state_row row;

        snprintf(copy, sizeof copy, "%s", line);
        if (number == 1 && strcmp(line, "maru-up 1") != 0)
            return bad_line(name, number, "\"maru-up 1\"", copy, error);
        if (number == 1)
            continue;
        if (strcmp(line, "end") == 0)
            return MARU_OK;
        if (!parse_row(line, &row))
            return bad_line(name, number, "\"service NAME PID STATE RESTARTS STARTED URLS\" or \"end\"", copy, error);
        if (*count == max)
            return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s:%zu: want at most %zu services", name, number,
                                  max);
        rows[(*count)++] = row;
    }
    return bad_line(name, number, "a last line \"end\"", "the end of the file", error);
}

maru_status state_parse(const char *name, const char *text, state_row *rows, size_t max, size_t *count,
                        maru_error *error)
{
    char       *copy = strdup(text);
    maru_status status;

    if (copy == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", name);
    status = parse_lines(name, copy, rows, max, count, error);
    free(copy);
    return status;
}

/* What is there, of one that was killed or of somebody else, is not opened: it may be a link, or a FIFO. */
static FILE *open_anew(const char *path)
{
    FILE *out;
    int   fd;

    if ((unlink(path) != 0 && errno != ENOENT) ||
        (fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0)
        return NULL;
    if ((out = fdopen(fd, "w")) == NULL)
        close(fd);
    return out;
}

maru_status state_write(const char *path, const state_row *rows, size_t count, maru_error *error)
{
    char        beside[PATH_MAX + 8];
    FILE       *out;
    maru_status status;

    snprintf(beside, sizeof beside, "%s.new", path);
    if ((out = open_anew(beside)) == NULL)
        return os_error(error, beside);
    state_print(rows, count, out);
    if (fclose(out) == 0 && rename(beside, path) == 0)
        return MARU_OK;
    status = os_error(error, path);
    unlink(beside);
    return status;
}

static maru_status read_text(int fd, const char *path, char *text, maru_error *error)
{
    size_t  size = 0;
    ssize_t got;

    while ((got = read(fd, text + size, STATE_FILE_MAX - size)) > 0)
        size += (size_t)got;
    text[size] = '\0';
    if (got < 0)
        return os_error(error, path);
    if (memchr(text, '\0', size) != NULL || size == STATE_FILE_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want less than %d bytes of text", path,
                              STATE_FILE_MAX);
    return MARU_OK;
}

maru_status state_read(const char *path, state_row *rows, size_t max, size_t *count, maru_error *error)
{
    const char *is;
    int         fd = regular_open(path, O_RDONLY, &is);
    maru_status status = fd < 0 ? os_error_at(error, path, is, NULL) : MARU_OK;
    char       *text = malloc(STATE_FILE_MAX + 1);

    *count = 0;
    if (status == MARU_OK && text == NULL)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    else if (status == MARU_OK && (status = read_text(fd, path, text, error)) == MARU_OK)
        status = state_parse(path, text, rows, max, count, error);
    free(text);
    if (fd >= 0)
        close(fd);
    return status;
}
