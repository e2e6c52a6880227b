/* segment.h: one file of a journal, as a file. All block; 0 or an errno.
 *
 * Its blocks are written with zeros before they are used: a block that was only reserved would cost each flush a commit
 * of the file system's own journal.
 */
#ifndef MARU_SEGMENT_H
#define MARU_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "store/journal_bytes.h"

typedef struct segment {
    int      fd;
    uint64_t size; /* bytes that are there */
} segment;

/* segment_name is "journal.0" or "journal.1". */
const char *segment_name(unsigned number);

/* segment_open makes the file where there is none. */
int  segment_open(segment *s, const char *path, unsigned number);
void segment_close(segment *s);

/* segment_grow writes zeros up to size; where it fails, the file is as before. */
int segment_grow(segment *s, uint64_t size);

int segment_write(const segment *s, const void *bytes, size_t size, uint64_t at);
int segment_flush(const segment *s);

/* segment_write_header writes both copies, and flushes. */
int segment_write_header(const segment *s, const journal_header *header);

#endif
