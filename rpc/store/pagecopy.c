/* pagecopy.c: copies the pages of records, each with a new number, in the order in which they are written: what a page
 * points to before itself (contract: pagecopy.h). */
#include "store/pagecopy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGES_AT_ONCE = 64 };

typedef struct copying {
    const snapshot *of;
    size_t          page; /* bytes of one */
    int             fd;
    pagecopy_ask    may_go_on;
    void           *arg;
    uint8_t        *out; /* PAGES_AT_ONCE pages to be written */
    size_t          used;
    uint64_t        next; /* the number of the next page */
    const char     *wrong;
} copying;

static int fail(copying *c, const char *wrong)
{
    c->wrong = wrong;
    return EIO;
}

/* ---- writing ---- */

static int flush(copying *c)
{
    for (size_t done = 0; done < c->used;) {
        ssize_t wrote = write(c->fd, c->out + done, c->used - done);

        if (wrote < 0 && errno != EINTR)
            return errno;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    c->used = 0;
    return 0;
}

/* Each page has one use, so there are at most as many as the header says. */
static int put(copying *c, const uint8_t *page)
{
    if (c->next > c->of->header.last)
        return fail(c, page_garbled);
    memcpy(c->out + c->used, page, c->page);
    c->used += c->page;
    c->next++;
    return c->used == PAGES_AT_ONCE * c->page ? flush(c) : 0;
}

/* ---- copying ---- */

/* Those that it has and does not need are copied too: LMDB counts them. */
static int copy_big(copying *c, page_value *value)
{
    uint64_t    number = c->next, pages = 0, left = value->size + PAGE_HEADER;
    const char *wrong = page_big(&c->of->file, value, &pages);
    uint8_t    *page = wrong != NULL ? NULL : malloc(c->page);
    int         rc = wrong != NULL ? fail(c, wrong) : page == NULL ? ENOMEM : 0;

    for (uint64_t i = 0; i < pages && rc == 0; i++) {
        size_t  part = left < c->page ? (size_t)left : c->page;
        ssize_t got = pread(c->of->file.fd, page, part, (off_t)((value->number + i) * c->page));

        if (got != (ssize_t)part)
            rc = fail(c, page_missing);
        memset(page + part, 0, c->page - part);
        if (i == 0)
            layout_put64(page, number);
        left -= part;
        if (rc == 0)
            rc = put(c, page);
    }
    free(page);
    value->number = number;
    return rc;
}

static int copy_values(copying *c, uint8_t *page)
{
    page_node  node;
    page_value value;
    int        rc = 0;

    for (size_t i = 0; i < page_count(page) && rc == 0; i++) {
        if (!page_take(&c->of->file, page, i, &node) || !page_take_value(&node, &value))
            return fail(c, page_garbled);
        if (value.big && (rc = copy_big(c, &value)) == 0)
            layout_put64(page + (value.at - page), value.number);
    }
    return rc;
}

static int copy_tree(copying *c, uint64_t *number, int depth);

static int copy_children(copying *c, uint8_t *page, int depth)
{
    page_node node;
    int       rc = 0;

    for (size_t i = 0; i < page_count(page) && rc == 0; i++) {
        uint64_t child;

        if (!page_take(&c->of->file, page, i, &node))
            return fail(c, page_garbled);
        child = layout_child(node.at);
        if ((rc = copy_tree(c, &child, depth + 1)) == 0)
            layout_put_child(page + (node.at - page), child);
    }
    return rc;
}

static int copy_page(copying *c, uint8_t *page, uint64_t *number, int depth)
{
    const char *wrong = page_read(&c->of->file, *number, page);
    unsigned    lower, upper;
    int         rc;

    if (wrong != NULL)
        return fail(c, wrong);
    if ((rc = page_is_leaf(page) ? copy_values(c, page) : copy_children(c, page, depth)) != 0)
        return rc;
    *number = c->next;
    layout_put64(page, *number);
    lower = layout16(page + PAGE_AT_LOWER);
    upper = layout16(page + PAGE_AT_UPPER);
    memset(page + lower, 0, upper - lower);
    return put(c, page);
}

/* Of the page of this number, and all below it; number becomes its new one. */
static int copy_tree(copying *c, uint64_t *number, int depth)
{
    uint8_t *page;
    int      rc;

    if (depth > PAGE_DEPTH_MAX)
        return fail(c, page_garbled);
    if (!c->may_go_on(c->arg))
        return ECANCELED;
    if ((page = malloc(c->page)) == NULL)
        return ENOMEM;
    rc = copy_page(c, page, number, depth);
    free(page);
    return rc;
}

static int copy_all(copying *c)
{
    uint8_t  header[DATAFILE_HEADER];
    uint64_t root = c->of->header.roots[SNAPSHOT_RECORDS];
    int      rc = 0;

    memset(c->out, 0, 2 * c->page);
    c->used = 2 * c->page; /* the headers' place */
    c->next = PAGE_FIRST;
    if (root != DATAFILE_NO_PAGE)
        rc = copy_tree(c, &root, 1);
    if (rc != 0 || (rc = flush(c)) != 0)
        return rc;
    memcpy(header, c->of->bytes, sizeof header);
    datafile_move(header, root, c->next - 1);
    return datafile_write(c->fd, header, c->of->header.txn);
}

int pagecopy(const snapshot *of, int fd, pagecopy_ask may_go_on, void *arg, const char **wrong)
{
    copying c = {.of = of, .page = of->header.page, .fd = fd, .may_go_on = may_go_on, .arg = arg};
    int     rc = ENOMEM;

    if ((c.out = malloc(PAGES_AT_ONCE * c.page)) != NULL)
        rc = copy_all(&c);
    free(c.out);
    *wrong = c.wrong;
    return rc;
}
