/* scan_path.c: which field a scan is at, and how its faults are said (contract: scan_state.h).
 *
 * A path like `items[3].product` is made only when there is a fault: the element's number is counted then, by walking
 * once more over what was found good before it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/scan_state.h"
#include "wire/walk.h"

enum { PATH_SIZE = 200, WORDS_SIZE = 200 };

/* How many fields of this number came in the message before the one that is looked at. */
static size_t count_before(const scan_level *level)
{
    const uint8_t *at = level->start;
    size_t         count = 0;

    while (at < level->tag) {
        uint64_t key = walk_varint(&at);

        count += key >> 3 == level->number;
        at = walk_value(at, key & 7);
    }
    return count;
}

/* Writes one step of a path into out, and returns its size. */
static size_t write_step(char *out, size_t room, const scan_level *level)
{
    int size;

    if (!level->field)
        size = snprintf(out, room, ".field %u", level->number);
    else if (level->field->label == PROTOBUF_C_LABEL_REPEATED)
        size = snprintf(out, room, ".%s[%zu]", level->field->name, count_before(level));
    else
        size = snprintf(out, room, ".%s", level->field->name);
    return (size_t)size < room ? (size_t)size : room - 1;
}

/* Writes the path from the innermost outwards, so that it is the front of a long one that is left out. */
static const char *write_path(char path[static PATH_SIZE], const scan *s)
{
    char *at = path + PATH_SIZE - 1;
    char  step[96];

    *at = '\0';
    for (size_t i = s->depth; i-- > 0;) {
        size_t size;

        if (s->levels[i].number == 0)
            continue;
        size = write_step(step, sizeof step, &s->levels[i]);
        if (size + 2 > (size_t)(at - path))
            return memcpy(at - 2, "..", 2); /* and the dot of the step */
        at -= size;
        memcpy(at, step, size);
    }
    return *at == '.' ? at + 1 : at;
}

const uint8_t *scan_fail(scan *s, maru_status status, const char *format, ...)
{
    char        path[PATH_SIZE], words[WORDS_SIZE];
    const char *where;
    va_list     args;

    s->status = status;
    if (!s->error || s->depth == 0) {
        maru_error_set(s->error, status, "the message is nested deeper than the limit of 0");
        return NULL;
    }
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    where = write_path(path, s);
    maru_error_set(s->error, status, "%s: %s (at byte %zu)", *where ? where : s->levels[0].type->name, words,
                   (size_t)(s->level->tag - s->bytes));
    return NULL;
}
