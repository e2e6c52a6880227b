/* page.c: reading pages of an LMDB file (contract: page.h). */
#include "store/page.h"

#include <string.h>
#include <unistd.h>

const char page_missing[] = "it is cut short: pages that are in use are missing";
const char page_garbled[] = "a page of it makes no sense";
const char page_no_memory[] = "there is no memory to check it";

bool page_in_use(const page_file *f, uint64_t number, uint64_t pages)
{
    return number >= PAGE_FIRST && number <= f->header->last && pages <= f->header->last + 1 - number;
}

static bool read_at(const page_file *f, uint64_t number, size_t from, void *into, size_t size)
{
    return pread(f->fd, into, size, (off_t)(number * f->header->page + from)) == (ssize_t)size;
}

const char *page_read(const page_file *f, uint64_t number, uint8_t *page)
{
    unsigned flags, lower, upper;
    size_t   count;

    if (!page_in_use(f, number, 1))
        return page_garbled;
    if (number >= f->have || !read_at(f, number, 0, page, f->header->page))
        return page_missing;
    flags = layout16(page + PAGE_AT_FLAGS);
    lower = layout16(page + PAGE_AT_LOWER);
    upper = layout16(page + PAGE_AT_UPPER);
    count = lower < PAGE_HEADER ? 0 : page_count(page);
    if (layout64(page) != number || lower % 2 != 0 || lower > upper || upper > f->header->page || count < 1)
        return page_garbled;
    return flags == PAGE_IS_LEAF || flags == PAGE_IS_BRANCH ? NULL : page_garbled;
}

bool page_is_leaf(const uint8_t *page)
{
    return layout16(page + PAGE_AT_FLAGS) == PAGE_IS_LEAF;
}

size_t page_count(const uint8_t *page)
{
    return (size_t)(layout16(page + PAGE_AT_LOWER) - PAGE_HEADER) / 2;
}

bool page_take(const page_file *f, const uint8_t *page, size_t number, page_node *node)
{
    size_t at = layout16(page + PAGE_HEADER + 2 * number);

    if (at < layout16(page + PAGE_AT_UPPER) || at + NODE_HEADER > f->header->page)
        return false;
    *node =
        (page_node){.at = page + at, .room = f->header->page - at, .key_size = layout16(page + at + NODE_AT_KEY_SIZE)};
    return NODE_HEADER + node->key_size <= node->room;
}

int page_compare(const void *a, size_t a_size, const void *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);

    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

bool page_take_value(const page_node *node, page_value *value)
{
    size_t before = NODE_HEADER + node->key_size;

    *value = (page_value){
        .size = layout32(node->at), .at = node->at + before, .big = layout16(node->at + NODE_AT_FLAGS) == NODE_IS_BIG};
    if (!value->big)
        return layout16(node->at + NODE_AT_FLAGS) == 0 && value->size <= node->room - before;
    if (node->room < before + 8)
        return false;
    value->number = layout64(value->at);
    return true;
}

const char *page_big(const page_file *f, const page_value *value, uint64_t *pages)
{
    uint64_t need = (PAGE_HEADER - 1 + value->size) / f->header->page + 1;
    uint8_t  header[PAGE_HEADER];

    if (!page_in_use(f, value->number, need))
        return page_garbled;
    if (value->number >= f->have || !read_at(f, value->number, 0, header, sizeof header))
        return page_missing;
    *pages = layout32(header + PAGE_AT_PAGES);
    if (layout64(header) != value->number || layout16(header + PAGE_AT_FLAGS) != PAGE_IS_BIG_VALUE || *pages < need ||
        !page_in_use(f, value->number, *pages))
        return page_garbled;
    return need > f->have - value->number ? page_missing : NULL;
}

bool page_read_big(const page_file *f, const page_value *value, uint8_t *bytes)
{
    return read_at(f, value->number, PAGE_HEADER, bytes, value->size);
}
