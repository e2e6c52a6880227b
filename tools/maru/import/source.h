/* source.h: the bytes of a file, plain or gzip. Blocks.
 *
 * zlib's own gzread would do, but that it passes over whatever stands behind the end of the gzip data.
 */
#ifndef IMPORT_SOURCE_H
#define IMPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <zlib.h>

enum { SOURCE_PIECE = 65536 };

struct source {
    FILE         *file;
    z_stream      z;      /* what was read and not given yet is its input, also of a plain file */
    bool          packed; /* by its first two bytes */
    bool          ended;  /* a gzip member has, and no other has begun */
    const char   *fault;  /* why source_read failed */
    unsigned char piece[SOURCE_PIECE];
};

/* source_open is false, with errno, where the file cannot be opened. source_close also after that. */
bool source_open(struct source *s, const char *path);
void source_close(struct source *s);

/* source_read gives up to room bytes: how many; 0 at the end; -1 with fault. One gzip file may follow another. */
long source_read(struct source *s, char *into, size_t room);

#endif
