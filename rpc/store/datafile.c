/* datafile.c: checks of an LMDB file before it is mapped (contract: datafile.h). The layout is that of LMDB 0.9 on a
 * 64-bit little-endian machine; a file of another kind is refused by its numbers. */
#include "store/datafile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"
#include "base/whole.h"
#include "store/fault.h"
#include "store/layout.h"
#include "store/pagewalk.h"

enum {
    MAGIC = 0xBEEFC0DE,
    VERSION = 1,
    TRIES = 100, /* a header may be half written by a process that shares the store */
};

#define WALK_MOST ((uint64_t)256 << 20)

/* Where things are in a header page. */
enum {
    AT_MAGIC = 16,
    AT_VERSION = 20,
    AT_ADDRESS = 24,
    AT_MAP_BYTES = 32,
    AT_FREE = 40, /* the free list's tree, to AT_MAIN */
    AT_PAGE = AT_FREE,
    AT_FLAGS_FREE = 44,
    AT_ROOT_FREE = 80,
    AT_MAIN = 88, /* the records' tree, to AT_LAST */
    AT_FLAGS_MAIN = 92,
    AT_ENTRIES = 120,
    AT_ROOT_MAIN = 128,
    AT_LAST = 136,
    AT_TXN = 144,
};

/* Of the free list's flags, which are the environment's too: keys are numbers, which always is, and that it was made as
 * a file without a folder. A store's records have none. */
enum { FLAG_NUMBERS = 0x08, FLAG_NO_FOLDER = 0x4000 };

static bool root_is_sane(uint64_t root, uint64_t last)
{
    return root == DATAFILE_NO_PAGE || (root >= 2 && root <= last);
}

const char *datafile_parse(const uint8_t bytes[static DATAFILE_HEADER], datafile_header *header)
{
    uint32_t page = layout32(bytes + AT_PAGE);

    if (!(layout16(bytes + PAGE_AT_FLAGS) & PAGE_IS_META) || layout32(bytes + AT_MAGIC) != MAGIC)
        return "it is no LMDB file";
    if (layout32(bytes + AT_VERSION) != VERSION)
        return "it is of another version of LMDB";
    if (page < DATAFILE_PAGE_MIN || page > DATAFILE_PAGE_MAX || (page & (page - 1)) != 0)
        return "its page size is none";
    *header = (datafile_header){
        .page = page,
        .last = layout64(bytes + AT_LAST),
        .txn = layout64(bytes + AT_TXN),
        .roots = {layout64(bytes + AT_ROOT_FREE), layout64(bytes + AT_ROOT_MAIN)},
        .entries = layout64(bytes + AT_ENTRIES),
        .flags = {layout16(bytes + AT_FLAGS_FREE), layout16(bytes + AT_FLAGS_MAIN)},
    };
    return NULL;
}

bool datafile_sane(const datafile_header *header)
{
    return (header->flags[0] & ~FLAG_NO_FOLDER) == FLAG_NUMBERS && header->flags[1] == 0 && header->last >= 1 &&
           header->last <= UINT64_MAX / 2 / header->page && root_is_sane(header->roots[0], header->last) &&
           root_is_sane(header->roots[1], header->last);
}

bool datafile_same(const uint8_t a[static DATAFILE_HEADER], const uint8_t b[static DATAFILE_HEADER])
{
    return memcmp(a + AT_MAGIC, b + AT_MAGIC, DATAFILE_HEADER - AT_MAGIC) == 0;
}

void datafile_number(uint8_t bytes[static DATAFILE_HEADER], uint64_t txn)
{
    layout_put64(bytes + AT_TXN, txn);
}

void datafile_move(uint8_t bytes[static DATAFILE_HEADER], uint64_t root, uint64_t last)
{
    memset(bytes + AT_ADDRESS, 0, AT_MAP_BYTES - AT_ADDRESS);
    memset(bytes + AT_FLAGS_FREE, 0, AT_MAIN - AT_FLAGS_FREE);
    bytes[AT_FLAGS_FREE] = FLAG_NUMBERS;
    layout_put64(bytes + AT_ROOT_FREE, DATAFILE_NO_PAGE);
    layout_put64(bytes + AT_ROOT_MAIN, root);
    layout_put64(bytes + AT_LAST, last);
}

int datafile_write(int fd, const uint8_t bytes[static DATAFILE_HEADER], uint64_t txn)
{
    uint8_t  header[DATAFILE_HEADER];
    uint64_t page = layout32(bytes + AT_PAGE);
    int      rc = 0;

    memcpy(header, bytes, DATAFILE_HEADER);
    for (uint64_t number = txn; number <= txn + 1 && rc == 0; number++) {
        layout_put64(header, number & 1);
        datafile_number(header, number);
        rc = write_whole(fd, header, sizeof header, (number & 1) * page);
    }
    return rc;
}

/* ---- the last record ---- */

/* The last entry of a page; NULL where it has none. */
static const uint8_t *last_node(const uint8_t *page, size_t size, size_t *room)
{
    size_t lower = layout16(page + PAGE_AT_LOWER), offset;

    if (lower < PAGE_HEADER + 2 || lower > size || lower % 2 != 0)
        return NULL;
    offset = layout16(page + lower - 2);
    if (offset < lower || offset + NODE_HEADER > size)
        return NULL;
    *room = size - offset - NODE_HEADER;
    return page + offset;
}

static bool take_last(const uint8_t *node, size_t room, const uint8_t *key, size_t key_size, uint8_t *value,
                      size_t *size)
{
    size_t found = layout32(node);

    if (layout16(node + NODE_AT_FLAGS) != 0 || layout16(node + NODE_AT_KEY_SIZE) != key_size || found > *size ||
        key_size + found > room || memcmp(node + NODE_HEADER, key, key_size) != 0)
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

    for (int depth = 0; page && depth < PAGE_DEPTH_MAX && number <= header->last; depth++) {
        const uint8_t *node;
        size_t         room;

        if (pread(fd, page, header->page, (off_t)(number * header->page)) != (ssize_t)header->page ||
            layout64(page) != number || !(node = last_node(page, header->page, &room)))
            break;
        if (layout16(page + PAGE_AT_FLAGS) & PAGE_IS_LEAF)
            found = take_last(node, room, key, key_size, value, size);
        if (!(layout16(page + PAGE_AT_FLAGS) & PAGE_IS_BRANCH))
            break;
        number = layout_child(node);
    }
    free(page);
    return found;
}

static const char *read_header(int fd, uint64_t at, uint8_t bytes[static DATAFILE_HEADER], datafile_header *header)
{
    if (pread(fd, bytes, DATAFILE_HEADER, (off_t)at) != DATAFILE_HEADER)
        return "it is cut short within its header";
    return datafile_parse(bytes, header);
}

/* LMDB writes a transaction's header over that of the one before the last: so it is of the next number, in that
 * number's place. Both are the same in a file that was just made, and in one that a recovery put back. */
static bool follow(uint8_t bytes[2][DATAFILE_HEADER], const datafile_header headers[2])
{
    unsigned newer = headers[1].txn > headers[0].txn;

    if (headers[0].txn == headers[1].txn)
        return datafile_same(bytes[0], bytes[1]);
    return (headers[newer].txn & 1) == newer && headers[newer].txn - headers[1 - newer].txn == 1;
}

static bool wants_walk(uint64_t size, const datafile_header *header, datafile_depth depth)
{
    return size / header->page <= header->last || depth == DATAFILE_PAGES ||
           (depth == DATAFILE_SMALL && size <= WALK_MOST);
}

static const char *check_open_file(int fd, uint64_t size, datafile_depth depth, datafile_state *state)
{
    datafile_header headers[2], *newest;
    uint8_t         bytes[2][DATAFILE_HEADER];
    const char     *wrong;

    if ((wrong = read_header(fd, 0, bytes[0], &headers[0])) ||
        (wrong = read_header(fd, headers[0].page, bytes[1], &headers[1])))
        return wrong;
    if (headers[0].page != headers[1].page || size < 2 * (uint64_t)headers[0].page || !follow(bytes, headers))
        return "its two headers do not agree";
    newest = &headers[headers[1].txn > headers[0].txn];
    if (!datafile_sane(newest))
        return "its header makes no sense";
    *state = newest->entries > 0 ? DATAFILE_FULL : DATAFILE_EMPTY;
    return wants_walk(size, newest, depth) ? pagewalk(fd, size, newest) : NULL;
}

static maru_status check_fd(int fd, const char *path, datafile_depth depth, datafile_state *state, maru_error *error)
{
    struct stat about;
    const char *wrong = NULL;

    for (int i = 0; i < (depth != DATAFILE_HEADERS ? 1 : TRIES); i++) {
        if (fstat(fd, &about) != 0)
            return maru_error_set(error, fault_status(errno), "%s: %s", path, fault_words(errno));
        *state = DATAFILE_NONE;
        if (about.st_size == 0 || !(wrong = check_open_file(fd, (uint64_t)about.st_size, depth, state)))
            return MARU_OK;
    }
    return maru_error_set(error, MARU_DATA_LOSS, "%s is damaged: %s", path, wrong);
}

maru_status datafile_check(const char *path, datafile_depth depth, datafile_state *state, maru_error *error)
{
    const char *is;
    int         fd = regular_open(path, O_RDONLY, &is);
    maru_status status;

    *state = DATAFILE_NONE;
    if (is)
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s: want a file, is %s", path, is);
    if (fd < 0 && errno == ENOENT)
        return MARU_OK;
    if (fd < 0)
        return maru_error_set(error, fault_status(errno), "%s: %s", path, fault_words(errno));
    status = check_fd(fd, path, depth, state, error);
    close(fd);
    return status;
}
