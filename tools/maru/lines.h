/* lines.h: bytes of a pipe, as whole lines. Pure.
 *
 * Bytes come in pieces of any size; take gets each line once it is whole, without its end and NUL-terminated. A line
 * longer than LINES_MAX comes in several pieces. lines_end gives what stands at the end without an end.
 */
#ifndef MARU_LINES_H
#define MARU_LINES_H

#include <stddef.h>

enum { LINES_MAX = 8192 };

typedef void (*lines_take)(void *arg, const char *line, size_t size);

typedef struct lines {
    lines_take take;
    void      *arg;
    size_t     used;
    char       held[LINES_MAX + 1];
} lines;

void lines_put(lines *l, const char *bytes, size_t size);
void lines_end(lines *l);

#endif
