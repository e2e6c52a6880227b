/* pagewalk.c: walks all pages of an LMDB file (layout.h) from its meta pages, and notes each page's one use. */
#include "store/pagewalk.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/layout.h"

static const char missing[] = "it is cut short: pages that are in use are missing";
static const char garbled[] = "a page of it makes no sense";
static const char used_twice[] = "a page of it has two uses";
static const char no_memory[] = "there is no memory to check it";

typedef struct walk {
    int                    fd;
    uint64_t               have; /* whole pages in the file */
    const datafile_header *header;
    uint8_t               *used;       /* a bit a page */
    bool                   is_records; /* which tree: of records, or of free pages */
    int                    leaf_depth; /* of this tree; 0: no leaf was seen yet */
    uint64_t               entries;    /* of this tree */
} walk;

/* A node, and the room from it to the end of its page. */
typedef struct node {
    const uint8_t *at;
    size_t         room, key_size;
} node;

/* A page, and between which keys of the pages above it its own are: low <= key < high; NULL: any. */
typedef struct spot {
    uint64_t    number;
    int         depth;
    const node *low, *high;
} spot;

static const char *visit(walk *w, const spot *s);

static bool in_use(const walk *w, uint64_t number, uint64_t pages)
{
    return number >= PAGE_FIRST && number <= w->header->last && pages <= w->header->last + 1 - number;
}

/* Notes the one use that pages may have. Free pages may lie past the end of the file, others not. */
static const char *use(walk *w, uint64_t number, uint64_t pages, bool is_free)
{
    if (!in_use(w, number, pages))
        return garbled;
    if (!is_free && (number >= w->have || pages > w->have - number))
        return missing;
    for (uint64_t end = number + pages; number < end && number < w->have; number++) {
        uint8_t *byte = &w->used[number / 8], bit = (uint8_t)(1 << number % 8);

        if (*byte & bit)
            return used_twice;
        *byte |= bit;
    }
    return NULL;
}

static bool read_at(const walk *w, uint64_t number, size_t from, void *into, size_t size)
{
    return pread(w->fd, into, size, (off_t)(number * w->header->page + from)) == (ssize_t)size;
}

/* ---- values ---- */

static const char *free_pages(walk *w, const uint8_t *value, uint64_t size)
{
    uint64_t    count = size >= 8 ? layout64(value) : 0;
    const char *wrong = size < 8 || count > size / 8 - 1 ? garbled : NULL;

    for (uint64_t i = 1; i <= count && !wrong; i++)
        wrong = use(w, layout64(value + 8 * i), 1, true);
    return wrong;
}

static const char *big_free_pages(walk *w, uint64_t number, uint64_t size)
{
    uint8_t    *value = malloc(size);
    const char *wrong = no_memory;

    if (value)
        wrong = read_at(w, number, PAGE_HEADER, value, size) ? free_pages(w, value, size) : missing;
    free(value);
    return wrong;
}

/* It may have more pages than it needs: one that shrinks keeps them. */
static const char *visit_big_value(walk *w, uint64_t number, uint64_t size)
{
    uint64_t    need = (PAGE_HEADER - 1 + size) / w->header->page + 1;
    uint8_t     header[PAGE_HEADER];
    const char *wrong;

    if (!in_use(w, number, need))
        return garbled;
    if (number >= w->have || !read_at(w, number, 0, header, sizeof header))
        return missing;
    if (layout64(header) != number || layout16(header + PAGE_AT_FLAGS) != PAGE_IS_BIG_VALUE ||
        layout32(header + PAGE_AT_PAGES) < need)
        return garbled;
    if ((wrong = use(w, number, layout32(header + PAGE_AT_PAGES), false)) || w->is_records)
        return wrong;
    return big_free_pages(w, number, size);
}

static const char *visit_value(walk *w, const node *n)
{
    uint64_t       size = layout32(n->at);
    size_t         before = NODE_HEADER + n->key_size;
    const uint8_t *value = n->at + before;

    w->entries++;
    if (layout16(n->at + NODE_AT_FLAGS) == NODE_IS_BIG)
        return n->room < before + 8 ? garbled : visit_big_value(w, layout64(value), size);
    if (layout16(n->at + NODE_AT_FLAGS) != 0 || size > n->room - before)
        return garbled;
    return w->is_records ? NULL : free_pages(w, value, size);
}

/* ---- pages ---- */

static bool take_node(const walk *w, const uint8_t *page, size_t number, node *n)
{
    size_t at = layout16(page + PAGE_HEADER + 2 * number);

    if (at < layout16(page + PAGE_AT_UPPER) || at + NODE_HEADER > w->header->page)
        return false;
    *n = (node){.at = page + at, .room = w->header->page - at, .key_size = layout16(page + at + NODE_AT_KEY_SIZE)};
    return NODE_HEADER + n->key_size <= n->room;
}

/* Whether a's key comes before b's. */
static bool is_before(const node *a, const node *b)
{
    size_t both = a->key_size < b->key_size ? a->key_size : b->key_size;
    int    order = memcmp(a->at + NODE_HEADER, b->at + NODE_HEADER, both);

    return order < 0 || (order == 0 && a->key_size < b->key_size);
}

/* The free list is in the order of its numbers; nothing that matters hangs on it. */
static bool in_order(const walk *w, const spot *s, const node *before, const node *n)
{
    return !w->is_records || ((!before || is_before(before, n)) && (!s->low || !is_before(n, s->low)) &&
                              (!s->high || is_before(n, s->high)));
}

static const char *visit_leaf(walk *w, const spot *s, const uint8_t *page, size_t count)
{
    node        nodes[2];
    const char *wrong = NULL;

    if (w->leaf_depth == 0)
        w->leaf_depth = s->depth;
    if (w->leaf_depth != s->depth)
        return garbled;
    for (size_t i = 0; i < count && !wrong; i++) {
        node *n = &nodes[i % 2], *before = i > 0 ? &nodes[(i - 1) % 2] : NULL;

        wrong = take_node(w, page, i, n) && in_order(w, s, before, n) ? visit_value(w, n) : garbled;
    }
    return wrong;
}

/* The first key of a branch says nothing: what is below it begins where the branch itself does. */
static const char *visit_branch(walk *w, const spot *s, const uint8_t *page, size_t count)
{
    node        n, next = {.at = NULL};
    const char *wrong = take_node(w, page, 0, &n) ? NULL : garbled;

    for (size_t i = 0; i < count && !wrong; i++, n = next) {
        spot below = {.number = layout_child(n.at),
                      .depth = s->depth + 1,
                      .low = i > 0 ? &n : s->low,
                      .high = i + 1 < count ? &next : s->high};

        if (i + 1 < count && (!take_node(w, page, i + 1, &next) || !in_order(w, s, i > 0 ? &n : NULL, &next)))
            return garbled;
        wrong = visit(w, &below);
    }
    return wrong;
}

static const char *visit_page(walk *w, const spot *s, const uint8_t *page)
{
    unsigned flags = layout16(page + PAGE_AT_FLAGS), lower = layout16(page + PAGE_AT_LOWER),
             upper = layout16(page + PAGE_AT_UPPER);
    size_t count = lower < PAGE_HEADER ? 0 : (lower - PAGE_HEADER) / 2;

    if (layout64(page) != s->number || lower % 2 != 0 || lower > upper || upper > w->header->page)
        return garbled;
    if (flags == PAGE_IS_LEAF && count >= 1)
        return visit_leaf(w, s, page, count);
    if (flags == PAGE_IS_BRANCH && count >= (w->is_records ? 2 : 1))
        return visit_branch(w, s, page, count);
    return garbled;
}

static const char *visit(walk *w, const spot *s)
{
    uint8_t    *page;
    const char *wrong = use(w, s->number, 1, false);

    if (wrong || s->depth > PAGE_DEPTH_MAX)
        return wrong ? wrong : garbled;
    if (!(page = malloc(w->header->page)))
        return no_memory;
    wrong = read_at(w, s->number, 0, page, w->header->page) ? visit_page(w, s, page) : missing;
    free(page);
    return wrong;
}

static const char *visit_tree(walk *w, uint64_t root, bool is_records)
{
    w->is_records = is_records;
    w->leaf_depth = 0;
    w->entries = 0;
    return root == DATAFILE_NO_PAGE ? NULL : visit(w, &(spot){.number = root, .depth = 1});
}

const char *pagewalk(int fd, uint64_t size, const datafile_header *header)
{
    walk        w = {.fd = fd, .have = size / header->page, .header = header};
    const char *wrong;

    if (!(w.used = calloc(1, w.have / 8 + 1)))
        return no_memory;
    if (!(wrong = visit_tree(&w, header->roots[0], false)) && !(wrong = visit_tree(&w, header->roots[1], true)) &&
        w.entries != header->entries)
        wrong = garbled;
    free(w.used);
    return wrong;
}
