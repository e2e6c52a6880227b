/* pagewalk.c: walks all pages of an LMDB file (layout.h) from its meta pages, and notes each page's one use. */
#include "store/pagewalk.h"

#include <stdbool.h>
#include <stdlib.h>

#include "store/page.h"

static const char used_twice[] = "a page of it has two uses";

typedef struct walk {
    page_file file;
    uint8_t  *used;       /* a bit a page */
    bool      is_records; /* which tree: of records, or of free pages */
    int       leaf_depth; /* of this tree; 0: no leaf was seen yet */
    uint64_t  entries;    /* of this tree */
} walk;

/* A page, and between which keys of the pages above it its own are: low <= key < high; NULL: any. */
typedef struct spot {
    uint64_t         number;
    int              depth;
    const page_node *low, *high;
} spot;

static const char *visit(walk *w, const spot *s);

/* Notes the one use that pages may have. Free pages may lie past the end of the file, others not. */
static const char *use(walk *w, uint64_t number, uint64_t pages, bool is_free)
{
    uint64_t have = w->file.have;

    if (!page_in_use(&w->file, number, pages))
        return page_garbled;
    if (!is_free && (number >= have || pages > have - number))
        return page_missing;
    for (uint64_t end = number + pages; number < end && number < have; number++) {
        uint8_t *byte = &w->used[number / 8], bit = (uint8_t)(1 << number % 8);

        if (*byte & bit)
            return used_twice;
        *byte |= bit;
    }
    return NULL;
}

/* ---- values ---- */

static const char *free_pages(walk *w, const uint8_t *value, uint64_t size)
{
    uint64_t    count = size >= 8 ? layout64(value) : 0;
    const char *wrong = size < 8 || count > size / 8 - 1 ? page_garbled : NULL;

    for (uint64_t i = 1; i <= count && !wrong; i++)
        wrong = use(w, layout64(value + 8 * i), 1, true);
    return wrong;
}

static const char *big_free_pages(walk *w, const page_value *value)
{
    uint8_t    *bytes = malloc(value->size);
    const char *wrong = page_no_memory;

    if (bytes)
        wrong = page_read_big(&w->file, value, bytes) ? free_pages(w, bytes, value->size) : page_missing;
    free(bytes);
    return wrong;
}

/* It may have more pages than it needs: one that shrinks keeps them. */
static const char *visit_big_value(walk *w, const page_value *value)
{
    uint64_t    pages;
    const char *wrong = page_big(&w->file, value, &pages);

    if (wrong || (wrong = use(w, value->number, pages, false)) || w->is_records)
        return wrong;
    return big_free_pages(w, value);
}

static const char *visit_value(walk *w, const page_node *n)
{
    page_value value;

    w->entries++;
    if (!page_take_value(n, &value))
        return page_garbled;
    if (value.big)
        return visit_big_value(w, &value);
    return w->is_records ? NULL : free_pages(w, value.at, value.size);
}

/* ---- pages ---- */

/* Whether a's key comes before b's. */
static bool is_before(const page_node *a, const page_node *b)
{
    return page_compare(a->at + NODE_HEADER, a->key_size, b->at + NODE_HEADER, b->key_size) < 0;
}

/* The free list is in the order of its numbers; nothing that matters hangs on it. */
static bool in_order(const walk *w, const spot *s, const page_node *before, const page_node *n)
{
    return !w->is_records || ((!before || is_before(before, n)) && (!s->low || !is_before(n, s->low)) &&
                              (!s->high || is_before(n, s->high)));
}

static const char *visit_leaf(walk *w, const spot *s, const uint8_t *page, size_t count)
{
    page_node   nodes[2];
    const char *wrong = NULL;

    if (w->leaf_depth == 0)
        w->leaf_depth = s->depth;
    if (w->leaf_depth != s->depth)
        return page_garbled;
    for (size_t i = 0; i < count && !wrong; i++) {
        page_node *n = &nodes[i % 2], *before = i > 0 ? &nodes[(i - 1) % 2] : NULL;

        wrong = page_take(&w->file, page, i, n) && in_order(w, s, before, n) ? visit_value(w, n) : page_garbled;
    }
    return wrong;
}

/* The first key of a branch says nothing: what is below it begins where the branch itself does. */
static const char *visit_branch(walk *w, const spot *s, const uint8_t *page, size_t count)
{
    page_node   n, next = {.at = NULL};
    const char *wrong = page_take(&w->file, page, 0, &n) ? NULL : page_garbled;

    for (size_t i = 0; i < count && !wrong; i++, n = next) {
        spot below = {.number = layout_child(n.at),
                      .depth = s->depth + 1,
                      .low = i > 0 ? &n : s->low,
                      .high = i + 1 < count ? &next : s->high};

        if (i + 1 < count && (!page_take(&w->file, page, i + 1, &next) || !in_order(w, s, i > 0 ? &n : NULL, &next)))
            return page_garbled;
        wrong = visit(w, &below);
    }
    return wrong;
}

static const char *visit_page(walk *w, const spot *s, const uint8_t *page)
{
    size_t count = page_count(page);

    if (page_is_leaf(page))
        return visit_leaf(w, s, page, count);
    return count >= (w->is_records ? 2 : 1) ? visit_branch(w, s, page, count) : page_garbled;
}

static const char *visit(walk *w, const spot *s)
{
    uint8_t    *page;
    const char *wrong = use(w, s->number, 1, false);

    if (wrong || s->depth > PAGE_DEPTH_MAX)
        return wrong ? wrong : page_garbled;
    if (!(page = malloc(w->file.header->page)))
        return page_no_memory;
    if (!(wrong = page_read(&w->file, s->number, page)))
        wrong = visit_page(w, s, page);
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
    walk        w = {.file = {.fd = fd, .have = size / header->page, .header = header}};
    const char *wrong;

    if (!(w.used = calloc(1, w.file.have / 8 + 1)))
        return page_no_memory;
    if (!(wrong = visit_tree(&w, header->roots[0], false)) && !(wrong = visit_tree(&w, header->roots[1], true)) &&
        w.entries != header->entries)
        wrong = page_garbled;
    free(w.used);
    return wrong;
}
