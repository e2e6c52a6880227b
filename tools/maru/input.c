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

maru_status input_read(const char *spec, char **bytes, size_t *size, maru_error *error)
{
    const char *file = spec[0] == '@' ? spec + 1 : NULL;
    maru_status status;
    int         fd;

    *bytes = NULL;
    *size = strlen(spec);
    if (strcmp(spec, "@") == 0 || strcmp(spec, "-") == 0 || strcmp(spec, "@-") == 0)
        return read_all(STDIN_FILENO, "stdin", bytes, size, error);
    if (file == NULL)
        return (*bytes = strdup(spec)) != NULL ? MARU_OK : no_memory("-d", error);
    if ((fd = open(file, O_RDONLY | O_CLOEXEC)) < 0)
        return os_error(error, file);
    status = read_all(fd, file, bytes, size, error);
    close(fd);
    return status;
}
