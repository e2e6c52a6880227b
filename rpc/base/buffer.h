/* buffer.h: bytes that grow at the end. It grows as bytes come, by doubling, not as a peer claims. One owner at a time.
 */
#ifndef MARU_BUFFER_H
#define MARU_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BUFFER_FIRST = 4096, BUFFER_KEPT = 65536 };

/* Zeroed is empty and holds no memory. */
typedef struct buffer {
    uint8_t *bytes;
    size_t   size, room;
} buffer;

/* buffer_room makes room for more bytes after size; false where memory is out, and nothing changed. */
bool buffer_room(buffer *b, size_t more);
/* buffer_empty forgets the bytes, and gives memory back where there was more than BUFFER_KEPT. */
void buffer_empty(buffer *b);
void buffer_drop(buffer *b);

#endif
