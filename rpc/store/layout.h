/* layout.h: where things are in a page of an LMDB file, LMDB 0.9 on a 64-bit little-endian machine.
 *
 *   page   0: its number (8 bytes)  10: flags (2)  12: lower (2), where the pointers end  14: upper (2), where nodes
 * begin 16: pointers (2 each) to nodes; of a big value: 12: how many pages it has (4) node   0: size of the value (4),
 * or of a branch: the child's number (6)  4: flags (2)  6: size of the key (2) 8: the key, then the value, or where
 * that is big: the number of its first page (8)
 *
 * A record of the free list is a transaction's number and the pages that it gave up: how many (8), and each (8).
 */
#ifndef MARU_STORE_LAYOUT_H
#define MARU_STORE_LAYOUT_H

#include <stdint.h>

enum {
    PAGE_HEADER = 16,
    PAGE_AT_FLAGS = 10,
    PAGE_AT_LOWER = 12,
    PAGE_AT_UPPER = 14,
    PAGE_AT_PAGES = 12,
    PAGE_FIRST = 2,      /* after the two headers of the file */
    PAGE_DEPTH_MAX = 32, /* LMDB's */

    NODE_HEADER = 8,
    NODE_AT_FLAGS = 4,
    NODE_AT_KEY_SIZE = 6,
    NODE_IS_BIG = 0x01, /* the only flag of a node that a store's file has */
};

enum { PAGE_IS_BRANCH = 0x01, PAGE_IS_LEAF = 0x02, PAGE_IS_BIG_VALUE = 0x04, PAGE_IS_META = 0x08 };

static inline uint16_t layout16(const uint8_t *from)
{
    return (uint16_t)(from[0] | from[1] << 8);
}

static inline uint32_t layout32(const uint8_t *from)
{
    return layout16(from) | (uint32_t)layout16(from + 2) << 16;
}

static inline uint64_t layout64(const uint8_t *from)
{
    return layout32(from) | (uint64_t)layout32(from + 4) << 32;
}

static inline void layout_put64(uint8_t *into, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        into[i] = (uint8_t)(number >> 8 * i);
}

/* The page that a node of a branch points to. */
static inline uint64_t layout_child(const uint8_t *node)
{
    return layout32(node) | (uint64_t)layout16(node + NODE_AT_FLAGS) << 32;
}

static inline void layout_put_child(uint8_t *node, uint64_t number)
{
    for (int i = 0; i < 4; i++)
        node[i] = (uint8_t)(number >> 8 * i);
    node[NODE_AT_FLAGS] = (uint8_t)(number >> 32);
    node[NODE_AT_FLAGS + 1] = (uint8_t)(number >> 40);
}

#endif
