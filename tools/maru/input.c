/* input.c: reads the JSON of -d: the text itself, @FILE, or stdin up to its end. */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/oserror.h"
#include "nonblocking.h"

static maru_status no_memory(const char *name, maru_error *error)
{
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%.300s: out of memory", name);
}

static maru_status read_all(int fd, const char *name, char **bytes, size_t *size, maru_error *error)
{
    size_t  room = 65536;
    ssize_t got;

    if ((*bytes = malloc(room)) == NULL)
        return no_memory(name, error);
    for (*size = 0; (got = read(fd, *bytes + *size, room - *size)) != 0;) {
        if (got < 0 && nonblocking_again(fd, POLLIN))
            continue;
        if (got < 0)
            return os_error(error, name);
        if ((*size += (size_t)got) > INPUT_MAX)
            return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%.300s: want at most %d MiB", name, INPUT_MAX >> 20);
        if (*size == room) {
            char *more = realloc(*bytes, room *= 2);

            if (more == NULL)
                return no_memory(name, error);
            *bytes = more;
        }
    }
    return MARU_OK;
}

/* Some editors write U+FEFF before the first line. */
static void drop_mark(char *bytes, size_t *size)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};

    if (*size < sizeof mark || memcmp(bytes, mark, sizeof mark) != 0)
        return;
    *size -= sizeof mark;
    memmove(bytes, bytes + sizeof mark, *size);
}

const char *input_name(const char *spec)
{
    if (strcmp(spec, "@") == 0 || strcmp(spec, "-") == 0 || strcmp(spec, "@-") == 0)
        return "stdin";
    return spec[0] == '@' ? spec + 1 : NULL;
}

static maru_status read_file(const char *file, char **bytes, size_t *size, maru_error *error)
{
    maru_status status;
    int         fd = open(file, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return os_error(error, file);
    status = read_all(fd, file, bytes, size, error);
    close(fd);
    return status;
}

maru_status input_read(const char *spec, char **bytes, size_t *size, maru_error *error)
{
    const char *name = input_name(spec);
    maru_status status;

    *bytes = NULL;
    *size = strlen(spec);
    if (name == NULL)
        return (*bytes = strdup(spec)) != NULL ? MARU_OK : no_memory("-d", error);
    status = name == spec + 1 ? read_file(name, bytes, size, error) : read_all(STDIN_FILENO, name, bytes, size, error);
    if (status == MARU_OK)
        drop_mark(*bytes, size);
    return status;
}

maru_status input_fault(const char *spec, maru_error *error)
{
    const char *name = spec != NULL ? input_name(spec) : NULL;
    char        words[sizeof error->text];

    if (name == NULL)
        return error->code;
    memcpy(words, error->text, sizeof words);
    return maru_error_set(error, error->code, "%.200s: %s", name, words);
}
