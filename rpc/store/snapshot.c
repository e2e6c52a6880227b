/* snapshot.c: reading a state of data.mdb page by page (contract: snapshot.h). */
#include "store/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/checkpoint.h"

enum { TRIES = 100 }; /* to read a header while its service commits */

/* ---- the state ---- */

/* The header of a state is there until the second commit after it, whose own is written over it while it may be read:
 * one that reads the same twice is whole. */
static int read_header(snapshot *s, store_env *env)
{
    uint8_t again[DATAFILE_HEADER];
    int     rc = checkpoint_meta(env, mdb_txn_id(s->held), s->bytes);

    if (rc == 0 && (rc = checkpoint_meta(env, mdb_txn_id(s->held), again)) == 0 && !datafile_same(s->bytes, again))
        return EIO;
    return rc == 0 && (datafile_parse(s->bytes, &s->header) != NULL || !datafile_sane(&s->header)) ? MDB_CORRUPTED : rc;
}

static int measure(snapshot *s, store_env *env)
{
    struct stat about;
    int         fd, rc = mdb_env_get_fd(env->mdb, &fd);

    if (rc != 0 || fstat(fd, &about) != 0)
        return rc != 0 ? rc : errno;
    s->file = (page_file){.fd = fd, .have = (uint64_t)about.st_size / s->header.page, .header = &s->header};
    return 0;
}

int snapshot_begin(snapshot *s, store_env *env)
{
    int rc = EIO;

    for (int i = 0; i < TRIES && rc == EIO; i++) {
        if ((rc = mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &s->held)) != 0)
            return rc;
        if ((rc = read_header(s, env)) == 0 && (rc = measure(s, env)) == 0)
            return 0;
        mdb_txn_abort(s->held);
    }
    return rc;
}

void snapshot_end(snapshot *s)
{
    mdb_txn_abort(s->held);
}

/* ---- a place in it ---- */

void snapshot_cursor_begin(snapshot_cursor *c, const snapshot *of, snapshot_tree tree)
{
    *c = (snapshot_cursor){.of = of, .tree = tree, .depth = -1};
}

void snapshot_cursor_end(snapshot_cursor *c)
{
    for (int i = 0; i < PAGE_DEPTH_MAX; i++)
        free(c->levels[i].page);
    free(c->big);
}

/* Reads a page in below those at hand. */
static bool enter(snapshot_cursor *c, uint64_t number)
{
    uint8_t **page;

    if (c->depth == PAGE_DEPTH_MAX) {
        c->wrong = page_garbled;
        return false;
    }
    page = &c->levels[c->depth].page;
    if (*page == NULL && (*page = malloc(c->of->header.page)) == NULL)
        c->wrong = page_no_memory;
    else
        c->wrong = page_read(&c->of->file, number, *page);
    if (c->wrong != NULL)
        return false;
    c->levels[c->depth++].at = 0;
    return true;
}

static bool enter_root(snapshot_cursor *c)
{
    uint64_t root = c->of->header.roots[c->tree];

    c->depth = 0;
    return root != DATAFILE_NO_PAGE && enter(c, root);
}

static bool take_node(snapshot_cursor *c, const uint8_t *page, size_t number, page_node *node)
{
    if (page_take(&c->of->file, page, number, node))
        return true;
    c->wrong = page_garbled;
    return false;
}

static bool take_big(snapshot_cursor *c, const page_value *value, MDB_val *into)
{
    uint64_t pages;

    free(c->big);
    c->big = NULL;
    if ((c->wrong = page_big(&c->of->file, value, &pages)) == NULL && (c->big = malloc(value->size)) == NULL)
        c->wrong = page_no_memory;
    else if (c->wrong == NULL && !page_read_big(&c->of->file, value, c->big))
        c->wrong = page_missing;
    *into = (MDB_val){.mv_size = value->size, .mv_data = c->big};
    return c->wrong == NULL;
}

static bool take_value(snapshot_cursor *c, const page_node *node, MDB_val *into)
{
    page_value value;

    if (!page_take_value(node, &value)) {
        c->wrong = page_garbled;
        return false;
    }
    if (value.big)
        return take_big(c, &value, into);
    *into = (MDB_val){.mv_size = value.size, .mv_data = (void *)value.at};
    return true;
}

bool snapshot_next(snapshot_cursor *c, MDB_val *key, MDB_val *value)
{
    page_node node;

    if (c->depth < 0)
        enter_root(c);
    while (c->depth > 0 && c->wrong == NULL) {
        const uint8_t *page = c->levels[c->depth - 1].page;
        size_t         at = c->levels[c->depth - 1].at++;

        if (at >= page_count(page)) {
            c->depth--;
        } else if (take_node(c, page, at, &node)) {
            if (page_is_leaf(page)) {
                *key = (MDB_val){.mv_size = node.key_size, .mv_data = (void *)(node.at + NODE_HEADER)};
                return take_value(c, &node, value);
            }
            enter(c, layout_child(node.at));
        }
    }
    return false;
}

/* The last node of a page whose key is not behind this one: its number, and false where there is none. The first key of
 * a branch says nothing. */
static bool search(snapshot_cursor *c, const uint8_t *page, MDB_val key, page_node *node, int *order)
{
    size_t first = page_is_leaf(page) ? 0 : 1, from = first, to = page_count(page);

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (!take_node(c, page, middle, node))
            return false;
        if (page_compare(node->at + NODE_HEADER, node->key_size, key.mv_data, key.mv_size) <= 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == 0 || !take_node(c, page, from - 1, node))
        return false;
    *order = page_compare(node->at + NODE_HEADER, node->key_size, key.mv_data, key.mv_size);
    return true;
}

bool snapshot_find(snapshot_cursor *c, const void *key, size_t size, MDB_val *value)
{
    MDB_val   wanted = {.mv_size = size, .mv_data = (void *)key};
    page_node node;
    int       order;

    for (bool found = enter_root(c); found; found = enter(c, layout_child(node.at))) {
        const uint8_t *page = c->levels[c->depth - 1].page;

        if (!search(c, page, wanted, &node, &order))
            return false;
        if (page_is_leaf(page))
            return order == 0 && take_value(c, &node, value);
    }
    return false;
}
