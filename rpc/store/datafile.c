/* datafile.c: checks of an LMDB file before it is mapped (contract: datafile.h). The layout is that of LMDB 0.9 on a
 * 64-bit little-endian machine; a file of another kind is refused by its numbers. */
#include "store/datafile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fault.h"

enum {
    MAGIC = 0xBEEFC0DE,
    VERSION = 1,
    PAGE_HEADER = 16,
    NODE_HEADER = 8,
    FLAG_BRANCH = 0x01,
    FLAG_LEAF = 0x02,
    FLAG_META = 0x08,
    NODE_BIG = 0x01,
    NODE_SUBTREE = 0x02,
    DEPTH_MAX = 32, /* LMDB's */
    TRIES = 100,    /* a header may be half written by a process that shares the store */
};

/* Where things are in a header page. */
enum {
    AT_FLAGS = 10,
    AT_MAGIC = 16,
    AT_VERSION = 20,
    AT_PAGE = 40,
    AT_ROOT_FREE = 80,
    AT_ENTRIES = 120,
    AT_ROOT_MAIN = 128,
    AT_LAST = 136,
    AT_TXN = 144,
};

static uint16_t get16(const uint8_t *from)
{
    return (uint16_t)(from[0] | from[1] << 8);
}

static uint32_t get32(const uint8_t *from)
{
    return get16(from) | (uint32_t)get16(from + 2) << 16;
}

static uint64_t get64(const uint8_t *from)
{
    return get32(from) | (uint64_t)get32(from + 4) << 32;
}

static bool root_is_sane(uint64_t root, uint64_t last)
{
    return root == DATAFILE_NO_PAGE || (root >= 2 && root <= last);
}

const char *datafile_parse(const uint8_t bytes[static DATAFILE_HEADER], datafile_header *header)
{
    uint32_t page = get32(bytes + AT_PAGE);

    if (!(get16(bytes + AT_FLAGS) & FLAG_META) || get32(bytes + AT_MAGIC) != MAGIC)
        return "it is no LMDB file";
    if (get32(bytes + AT_VERSION) != VERSION)
        return "it is of another version of LMDB";
    if (page < DATAFILE_PAGE_MIN || page > DATAFILE_PAGE_MAX || (page & (page - 1)) != 0)
        return "its page size is none";
    *header = (datafile_header){
        .page = page,
        .last = get64(bytes + AT_LAST),
        .txn = get64(bytes + AT_TXN),
        .roots = {get64(bytes + AT_ROOT_FREE), get64(bytes + AT_ROOT_MAIN)},
        .entries = get64(bytes + AT_ENTRIES),
    };
    return NULL;
}

bool datafile_sane(const datafile_header *header)
{
    return header->last >= 1 && header->last <= UINT64_MAX / 2 / header->page &&
           root_is_sane(header->roots[0], header->last) && root_is_sane(header->roots[1], header->last);
}

/* A look at the trees of a file that is shorter than its header says. */
typedef struct look {
    int                    fd;
    uint64_t               size;
    const datafile_header *header;
    uint64_t               seen; /* pages, so that a circle ends */
} look;

static const char missing[] = "it is cut short: pages that are in use are missing";
static const char garbled[] = "a page of its tree makes no sense";

static const char *look_at(look *l, uint64_t number, int depth);

static bool in_file(const look *l, uint64_t number, uint64_t pages)
{
    uint64_t have = l->size / l->header->page;

    return number < have && pages <= have - number;
}

/* What a leaf's entry points to: pages of a big value. (A tree within the tree is nothing that a store makes.) */
static const char *look_at_value(const look *l, const uint8_t *node, size_t room)
{
    uint64_t value = get32(node), key = get16(node + 6);

    if (get16(node + 4) & NODE_SUBTREE)
        return garbled;
    if (!(get16(node + 4) & NODE_BIG))
        return NODE_HEADER + key + value > room ? garbled : NULL;
    if (NODE_HEADER + key + 8 > room)
        return garbled;
    value = (PAGE_HEADER - 1 + value) / l->header->page + 1;
    return in_file(l, get64(node + NODE_HEADER + key), value) ? NULL : missing;
}

static const char *look_at_nodes(look *l, const uint8_t *page, int depth)
{
    uint16_t flags = get16(page + AT_FLAGS);
    size_t   lower = get16(page + 12);

    if (!(flags & (FLAG_BRANCH | FLAG_LEAF)) || lower < PAGE_HEADER || lower > l->header->page)
        return garbled;
    for (size_t at = PAGE_HEADER; at + 2 <= lower; at += 2) {
        size_t         offset = get16(page + at);
        const uint8_t *node = page + offset;
        const char    *wrong;

        if (offset < lower || offset + NODE_HEADER > l->header->page)
            return garbled;
        if (flags & FLAG_BRANCH)
            wrong = look_at(l, get32(node) | (uint64_t)get16(node + 4) << 32, depth + 1);
        else
            wrong = look_at_value(l, node, l->header->page - offset);
        if (wrong)
            return wrong;
    }
    return NULL;
}

static const char *look_at(look *l, uint64_t number, int depth)
{
    uint8_t    *page;
    const char *wrong = missing;

    if (depth > DEPTH_MAX || ++l->seen > l->header->last)
        return garbled;
    if (!in_file(l, number, 1))
        return missing;
    if (!(page = malloc(l->header->page)))
        return "there is no memory to check it";
    if (pread(l->fd, page, l->header->page, (off_t)(number * l->header->page)) == (ssize_t)l->header->page)
        wrong = get64(page) == number ? look_at_nodes(l, page, depth) : garbled;
    free(page);
    return wrong;
}

static const char *look_at_trees(int fd, uint64_t size, const datafile_header *header)
{
    look        l = {.fd = fd, .size = size, .header = header};
    const char *wrong = NULL;

    for (int i = 0; i < 2 && !wrong; i++)
        if (header->roots[i] != DATAFILE_NO_PAGE)
            wrong = look_at(&l, header->roots[i], 1);
    return wrong;
}

/* ---- the last record ---- */

/* The last entry of a page; NULL where it has none. */
static const uint8_t *last_node(const uint8_t *page, size_t size, size_t *room)
{
    size_t lower = get16(page + 12), offset;

    if (lower < PAGE_HEADER + 2 || lower > size || lower % 2 != 0)
        return NULL;
    offset = get16(page + lower - 2);
    if (offset < lower || offset + NODE_HEADER > size)
        return NULL;
    *room = size - offset - NODE_HEADER;
    return page + offset;
}

static bool take_last(const uint8_t *node, size_t room, const uint8_t *key, size_t key_size, uint8_t *value,
                      size_t *size)
{
    size_t found = get32(node);

    if (get16(node + 4) != 0 || get16(node + 6) != key_size || found > *size || key_size + found > room ||
        memcmp(node + NODE_HEADER, key, key_size) != 0)
        return false;
    memcpy(value, node + NODE_HEADER + key_size, found);
    *size = found;
    return true;
}

bool datafile_last(int fd, const datafile_header *header, const uint8_t *key, size_t key_size, uint8_t *value,
                   size_t *size)
{
    uint8_t *page = malloc(header->page);
    uint64_t number = header->roots[1];
    bool     found = false;

    for (int depth = 0; page && depth < DEPTH_MAX && number <= header->last; depth++) {
        const uint8_t *node;
        size_t         room;

        if (pread(fd, page, header->page, (off_t)(number * header->page)) != (ssize_t)header->page ||
            get64(page) != number || !(node = last_node(page, header->page, &room)))
            break;
        if (get16(page + AT_FLAGS) & FLAG_LEAF)
            found = take_last(node, room, key, key_size, value, size);
        if (!(get16(page + AT_FLAGS) & FLAG_BRANCH))
            break;
        number = get32(node) | (uint64_t)get16(node + 4) << 32;
    }
    free(page);
    return found;
}

static const char *read_header(int fd, uint64_t at, datafile_header *header)
{
    uint8_t bytes[DATAFILE_HEADER];

    if (pread(fd, bytes, sizeof bytes, (off_t)at) != (ssize_t)sizeof bytes)
        return "it is cut short within its header";
    return datafile_parse(bytes, header);
}

static const char *check_open_file(int fd, uint64_t size, datafile_state *state)
{
    datafile_header headers[2], *newest;
    const char     *wrong;

    if ((wrong = read_header(fd, 0, &headers[0])) || (wrong = read_header(fd, headers[0].page, &headers[1])))
        return wrong;
    if (headers[0].page != headers[1].page || size < 2 * (uint64_t)headers[0].page)
        return "its two headers do not agree";
    newest = &headers[headers[1].txn > headers[0].txn];
    if (!datafile_sane(newest))
        return "its header makes no sense";
    *state = newest->entries > 0 ? DATAFILE_FULL : DATAFILE_EMPTY;
    return size / newest->page > newest->last ? NULL : look_at_trees(fd, size, newest);
}

static maru_status check_fd(int fd, const char *path, datafile_state *state, maru_error *error)
{
    struct stat about;
    const char *wrong = NULL;

    for (int i = 0; i < TRIES; i++) {
        if (fstat(fd, &about) != 0)
            return maru_error_set(error, fault_status(errno), "%s: %s", path, fault_words(errno));
        if (!S_ISREG(about.st_mode))
            return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s: want a file, got something else", path);
        *state = DATAFILE_NONE;
        if (about.st_size == 0 || !(wrong = check_open_file(fd, (uint64_t)about.st_size, state)))
            return MARU_OK;
    }
    return maru_error_set(error, MARU_DATA_LOSS, "%s is damaged: %s; restore it from a backup", path, wrong);
}

maru_status datafile_check(const char *path, datafile_state *state, maru_error *error)
{
    int         fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    maru_status status;

    *state = DATAFILE_NONE;
    if (fd < 0 && errno == ENOENT)
        return MARU_OK;
    if (fd < 0)
        return maru_error_set(error, fault_status(errno), "%s: %s", path, fault_words(errno));
    status = check_fd(fd, path, state, error);
    close(fd);
    return status;
}
