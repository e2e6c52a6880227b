/* page.h: one page of an LMDB file (layout.h), read and looked at before anything of it is believed.
 *
 * The file may hold anything, and another process may write to it: what is looked at is this process's copy of the
 * page, and nothing outside of it is read. For who walks a file without LMDB, which maps it and trusts it. Each
 * function that says what is wrong is NULL where nothing is.
 */
#ifndef MARU_STORE_PAGE_H
#define MARU_STORE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/datafile.h"
#include "store/layout.h"

typedef struct page_file {
    int                    fd;
    uint64_t               have; /* whole pages in the file */
    const datafile_header *header;
} page_file;

/* A node, and the room from it to the end of its page. */
typedef struct page_node {
    const uint8_t *at;
    size_t         room, key_size;
} page_node;

/* What may be wrong, in words. */
extern const char page_missing[], page_garbled[], page_no_memory[];

/* Whether these pages are within what the header says is in use. */
bool page_in_use(const page_file *f, uint64_t number, uint64_t pages);

/* page_read reads a page of a tree: it has its own number, is a leaf or a branch, and its pointers are within it. */
const char *page_read(const page_file *f, uint64_t number, uint8_t *page);
bool        page_is_leaf(const uint8_t *page);
size_t      page_count(const uint8_t *page); /* of its nodes */

/* page_take is false where the node is not within the page, with its header and key. */
bool page_take(const page_file *f, const uint8_t *page, size_t number, page_node *node);

/* page_compare orders keys as LMDB does: below, at or above 0. */
int page_compare(const void *a, size_t a_size, const void *b, size_t b_size);

/* The value of a node of a leaf: in the page itself, at, or (big) in pages of its own, the first of which is number. */
typedef struct page_value {
    uint64_t       size, number;
    const uint8_t *at;
    bool           big;
} page_value;

bool page_take_value(const page_node *node, page_value *value);

/* page_big looks at the first page of a big value, and tells how many it has: it may have more than it needs. */
const char *page_big(const page_file *f, const page_value *value, uint64_t *pages);

/* page_read_big reads a big value, which page_big looked at, into bytes: value's size of them. */
bool page_read_big(const page_file *f, const page_value *value, uint8_t *bytes);

#endif
