/* number.h: JSON's numbers: integers exact to 64 bits, floats shortest. Pure; no locale, no errno.
 *
 * strtod and printf know the locale's decimal point. So none is ever shown to them: a number is given to strtod as an
 * integer and an exponent ("125e-2"), and of what printf("%e") returns only the digits and the exponent are looked at.
 */
#ifndef MARU_JSON_NUMBER_H
#define MARU_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/arena.h"

typedef enum number_result {
    NUMBER_OK,
    NUMBER_NONE,      /* not a number of JSON's grammar */
    NUMBER_FRACTION,  /* not an integer */
    NUMBER_RANGE,     /* too big for the type */
    NUMBER_NO_MEMORY, /* a float of thousands of digits */
} number_result;

enum { NUMBER_TEXT_MAX = 40 }; /* bytes of a printed number, with a NUL */

/* number_size is how many of the bytes are a number of RFC 8259; 0 where none begins there. */
size_t number_size(const char *text, size_t size);

/* number_integer reads all of text as an integer of bits (32 or 64); 1.0 and 1e3 are integers. A negative one is its
 * two's complement in 64 bits. */
number_result number_integer(const char *text, size_t size, bool is_signed, unsigned bits, uint64_t *value);

/* number_double and number_float round once, from the text. NUMBER_RANGE where it is past the greatest finite one. */
number_result number_double(const char *text, size_t size, maru_arena *arena, double *value);
number_result number_float(const char *text, size_t size, maru_arena *arena, float *value);

/* Write a finite number so that reading it gives the same bits, in as few digits as that takes (one more, at times, for
 * powers of two). Return how many bytes, without the NUL. */
size_t number_print_double(double value, char out[static NUMBER_TEXT_MAX]);
size_t number_print_float(float value, char out[static NUMBER_TEXT_MAX]);

#endif
