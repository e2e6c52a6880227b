/* number.h: numbers of a command line or the environment: digits and nothing else, so that no slip is taken for another
 * number. Header only.
 */
#ifndef MARU_TEST_NUMBER_H
#define MARU_TEST_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

static inline bool number_read(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    const char *at = text;

    for (*number = 0; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(*number, 10, number) || __builtin_add_overflow(*number, *at - '0', number))
            return false;
    return at > text && *at == '\0' && *number >= least && *number <= most;
}

#endif
