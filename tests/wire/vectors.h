/* vectors.h: reads docs/wire-vectors.txt (its format is told there). */
#ifndef TEST_VECTORS_H
#define TEST_VECTORS_H

#include <stddef.h>
#include <stdint.h>

enum { VECTOR_KEYS = 24, VECTOR_BYTES = 1024, VECTOR_LINE = 4096 };

typedef struct vector {
    char    keys[VECTOR_KEYS][24];
    char    values[VECTOR_KEYS][VECTOR_LINE];
    int     count;
    uint8_t bytes[VECTOR_BYTES]; /* of hex */
    size_t  size;
} vector;

/* vector_get returns the value of a key, NULL where the vector has none. */
const char *vector_get(const vector *v, const char *key);

/* vector_hex reads hex digits with blanks between them; -1 where text is none. */
int vector_hex(const char *text, uint8_t *bytes, size_t room, size_t *size);

/* vectors_each calls take for every vector of the file; returns their number, -1 where it cannot be read: the reason is
 * on stderr. */
int vectors_each(const char *path, void (*take)(const vector *v, void *arg), void *arg);

#endif
