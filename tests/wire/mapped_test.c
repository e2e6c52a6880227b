/* mapped_test.c: memory that is big goes back to the system at once, and grows without losing a byte. */
#include "test.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mapped.h"

enum { PAGE = 4096 };

static void grow(void)
{
    static const size_t sizes[] = {1, PAGE, MAPPED_FROM - 1, MAPPED_FROM, MAPPED_FROM + 1, 4 * MAPPED_FROM, 64 << 20};
    uint8_t            *memory = NULL;
    size_t              size = 0;

    test_begin("memory that grows from small to big keeps its bytes");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t  wrong = 0;
        uint8_t mark = (uint8_t)(i + 1);

        memory = mapped_grow(memory, size, sizes[i]);
        if (!CHECK(memory != NULL))
            return;
        for (size_t at = 0; at < size; at++)
            wrong += memory[at] != i;
        CHECK_INT(wrong, 0);
        memset(memory, mark, sizes[i]);
        size = sizes[i];
    }
    mapped_give(memory, size);
}

static void big(void)
{
    unsigned char there;
    uint8_t      *memory = mapped_take(MAPPED_FROM);

    test_begin("what is big has pages of its own, and they are gone once it is given back");
#if defined(__SANITIZE_ADDRESS__)
    printf("# not looked at: AddressSanitizer keeps what was given back\n");
    mapped_give(memory, MAPPED_FROM);
    return;
#endif
    if (!CHECK(memory != NULL && (uintptr_t)memory % PAGE == 0))
        return;
    *memory = 1;
    CHECK_INT(mincore(memory, PAGE, &there), 0);
    CHECK(there & 1);
    mapped_give(memory, MAPPED_FROM);
    CHECK_INT(mincore(memory, PAGE, &there), -1);
}

static void none(void)
{
    uint8_t *memory = mapped_take(MAPPED_FROM), *more;

    test_begin("where there is none, what was taken before is as it was");
#if !defined(__SANITIZE_ADDRESS__)
    CHECK(mapped_take(SIZE_MAX / 4) == NULL);
    if (!CHECK(memory != NULL))
        return;
    memory[MAPPED_FROM - 1] = 7;
    more = mapped_grow(memory, MAPPED_FROM, SIZE_MAX / 4);
    CHECK(more == NULL);
    CHECK_INT(memory[MAPPED_FROM - 1], 7);
#else
    (void)more;
#endif
    mapped_give(memory, MAPPED_FROM);
    mapped_give(NULL, 0);
    mapped_give(NULL, MAPPED_FROM);
}

int main(void)
{
    grow();
    big();
    none();
    return test_end();
}
