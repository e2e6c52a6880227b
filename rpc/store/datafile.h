/* datafile.h: looks at a data.mdb before LMDB maps it, since LMDB trusts what it reads.
 *
 * A truncated file would be a SIGBUS, a crafted one worse. Checked: that it is an LMDB file of this version, that its
 * two headers make sense, beside each other too, and all its pages (pagewalk.h) where it is shorter than they say
 * (which LMDB allows, if the missing pages are free), or where that is asked for. A service asks for it where its file
 * is of at most 256 MiB: it would take as long as reading it. A tool always does.
 */
#ifndef MARU_DATAFILE_H
#define MARU_DATAFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/status.h"

enum {
    DATAFILE_HEADER = 152, /* bytes of a header page that matter */
    DATAFILE_PAGE_MIN = 512,
    DATAFILE_PAGE_MAX = 65536,
};

typedef struct datafile_header {
    uint32_t page; /* bytes of a page */
    uint64_t last; /* number of the last page used */
    uint64_t txn;
    uint64_t roots[2]; /* of the free list, of the records; DATAFILE_NO_PAGE where empty */
    uint64_t entries;  /* of the records */
    uint16_t flags[2]; /* LMDB's of the two trees: how their keys are compared, say */
} datafile_header;

#define DATAFILE_NO_PAGE UINT64_MAX

/* datafile_parse reads one header page. NULL where it is one, else what it is not. Pure. */
const char *datafile_parse(const uint8_t bytes[static DATAFILE_HEADER], datafile_header *header);

/* datafile_sane is whether the newer header makes sense. (The older need not: after a failed write LMDB leaves half of
 * the new one in it.) Pure. */
bool datafile_sane(const datafile_header *header);

/* Whether two headers say the same, wherever they are. Pure. */
bool datafile_same(const uint8_t a[static DATAFILE_HEADER], const uint8_t b[static DATAFILE_HEADER]);

/* datafile_number gives a header another transaction's number. */
void datafile_number(uint8_t bytes[static DATAFILE_HEADER], uint64_t txn);

/* datafile_move has a header name the same records in pages that have other numbers, and no free ones. Pure. */
void datafile_move(uint8_t bytes[static DATAFILE_HEADER], uint64_t root, uint64_t last);

/* datafile_write writes it as both of a file's headers, of txn and of the one after: either is of the whole state. 0 or
 * an errno. */
int datafile_write(int fd, const uint8_t bytes[static DATAFILE_HEADER], uint64_t txn);

/* datafile_last reads the last record of the state that header is of, where its key is this one: false else, and where
 * value has no room for it or no such state is in the file. *size is of value, and becomes the record's. */
bool datafile_last(int fd, const datafile_header *header, const uint8_t *key, size_t key_size, uint8_t *value,
                   size_t *size);

typedef enum datafile_state {
    DATAFILE_NONE,  /* missing or empty */
    DATAFILE_EMPTY, /* an LMDB file without records */
    DATAFILE_FULL,
} datafile_state;

/* How far to look; beyond the headers only where nobody can have it open. */
typedef enum datafile_depth {
    DATAFILE_HEADERS,
    DATAFILE_SMALL, /* all pages, of a file of at most 256 MiB */
    DATAFILE_PAGES, /* all pages */
} datafile_depth;

/* datafile_check reads the file. DATA_LOSS where it is damaged or no LMDB file: what then helps, the caller says.
 * FAILED_PRECONDITION where what has its name is no file: a link to one is not followed. Else as the file system says.
 * Blocks. */
maru_status datafile_check(const char *path, datafile_depth depth, datafile_state *state, maru_error *error);

#endif
