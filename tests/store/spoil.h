/* spoil.h: bytes of a store's data.mdb that change while no one has it open, as a bad disk would change them. Header
 * only. */
#ifndef STORE_SPOIL_H
#define STORE_SPOIL_H

#include "kit.h"
#include "store/datafile.h"
#include "store/layout.h"

/* A needle of bytes in a literal, which may hold NULs. */
#define BYTES(literal) literal, sizeof(literal) - 1

static inline int spoil_open(const char *path)
{
    char file[PATH_MAX];
    int  fd;

    snprintf(file, sizeof file, "%.4000s/data.mdb", path);
    fd = open(file, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0);
    return fd;
}

/* Where to change what: the byte that lies `at` bytes from where the needle begins, which is the end of a key: a
 * record's header must follow. Everywhere, since LMDB leaves older copies of pages; but not in what is left of one in a
 * page that it uses otherwise now. */
typedef struct spoiling {
    const char *needle;
    size_t      size;
    off_t       at;
    uint8_t     bits;  /* that change */
    off_t       only;  /* only where the byte that lies there, from the needle, */
    uint8_t     table; /* is this; 0: any */
} spoiling;

static inline bool spoil_one(int fd, const spoiling *s, const char *bytes, const char *from)
{
    char byte = (char)(from[s->at] ^ s->bits);

    if (memcmp(from + s->size, "\1\0\0", 4) != 0) /* and a third 0 */
        return false;
    if (s->table != 0 && (from + s->only < bytes || (uint8_t)from[s->only] != s->table))
        return false;
    return CHECK_INT(pwrite(fd, &byte, 1, from + s->at - bytes), 1);
}

static inline void spoil_where(const char *path, spoiling s)
{
    int         fd = spoil_open(path), times = 0;
    struct stat about;
    char       *bytes, *at;

    CHECK_INT(fstat(fd, &about), 0);
    bytes = malloc((size_t)about.st_size);
    CHECK_INT(pread(fd, bytes, (size_t)about.st_size, 0), about.st_size);
    for (at = bytes; (at = memmem(at, (size_t)(bytes + about.st_size - at), s.needle, s.size)) != NULL; at++)
        times += spoil_one(fd, &s, bytes, at);
    free(bytes);
    close(fd);
    CHECK(times > 0);
}

static inline void spoil(const char *path, const char *needle, size_t size, off_t at, uint8_t bits)
{
    spoil_where(path, (spoiling){.needle = needle, .size = size, .at = at, .bits = bits});
}

static inline datafile_header spoil_header(int fd)
{
    uint8_t         bytes[DATAFILE_HEADER];
    datafile_header headers[2] = {{.page = 0}};

    for (int i = 0; i < 2; i++) {
        CHECK_INT(pread(fd, bytes, sizeof bytes, (off_t)i * headers[0].page), sizeof bytes);
        CHECK(datafile_parse(bytes, &headers[i]) == NULL);
    }
    return headers[headers[1].txn > headers[0].txn];
}

/* The page that key would be in, right below the root, becomes one that the file has not. */
static inline void spoil_page(const char *path, const char *key, size_t size)
{
    int             fd = spoil_open(path);
    datafile_header header = spoil_header(fd);
    uint8_t         page[DATAFILE_PAGE_MAX], *node, *there = NULL;
    off_t           at = (off_t)(header.roots[1] * header.page);

    CHECK_INT(pread(fd, page, header.page, at), header.page);
    CHECK_INT(layout16(page + PAGE_AT_FLAGS), PAGE_IS_BRANCH);
    for (int i = PAGE_HEADER; i < layout16(page + PAGE_AT_LOWER); i += 2) {
        size_t has;

        node = page + layout16(page + i);
        has = layout16(node + NODE_AT_KEY_SIZE);
        if (there == NULL || memcmp(node + NODE_HEADER, key, has < size ? has : size) <= 0)
            there = node;
    }
    CHECK_INT(pwrite(fd, "\xff\xff\xff", 3, at + (there - page)), 3);
    close(fd);
}

#endif
