/* mapped.c: pages of its own for what is big, malloc for all else (contract: mapped.h). */
#include "base/mapped.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static bool is_mapped(size_t size)
{
#if defined(__SANITIZE_ADDRESS__)
    (void)size;
    return false;
#else
    return size >= MAPPED_FROM;
#endif
}

void *mapped_take(size_t size)
{
    void *memory;

    if (!is_mapped(size))
        return malloc(size);
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void *move(void *old, size_t size, size_t bigger)
{
    void *memory = mapped_take(bigger);

    if (memory == NULL)
        return NULL;
    memcpy(memory, old, size);
    mapped_give(old, size);
    return memory;
}

void *mapped_grow(void *old, size_t size, size_t bigger)
{
    void *memory;

    if (old == NULL)
        return mapped_take(bigger);
    if (!is_mapped(bigger))
        return realloc(old, bigger);
    if (!is_mapped(size))
        return move(old, size, bigger);
    memory = mremap(old, size, bigger, MREMAP_MAYMOVE);
    return memory == MAP_FAILED ? NULL : memory;
}

void mapped_give(void *memory, size_t size)
{
    if (memory != NULL && is_mapped(size))
        munmap(memory, size);
    else
        free(memory);
}
