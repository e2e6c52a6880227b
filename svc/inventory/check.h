/* check.h: what requests may say. Pure.
 *
 * Every check is OK, or INVALID_ARGUMENT with one line in error that opens with the field's path and says what was
 * wanted and what came. A page token is the name, or the number, of the last of its page: the next page begins after
 * it, whatever came and went meanwhile.
 */
#ifndef SHOP_INVENTORY_CHECK_H
#define SHOP_INVENTORY_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "maru/status.h"

enum {
    ID_MAX_CHARS = 64, /* after "products/" or "orders/" */
    PAGE_SIZE_DEFAULT = 50,
    PAGE_SIZE_MAX = 1000,
    WORDS_MAX_BYTES = 100, /* of a reference, or a reason */
    NAMES_MAX = 1000,
};

maru_status check_product(const char *field, const char *name, maru_error *error);
maru_status check_new_product(const char *field, const char *name, maru_error *error); /* that was never received */
maru_status check_order(const char *field, const char *name, maru_error *error);
maru_status check_words(const char *field, const char *text, size_t least, maru_error *error);

/* size is what was asked for, or the default. */
maru_status check_page_size(int32_t asked, size_t *size, maru_error *error);
maru_status check_page_number(const char *token, uint64_t *number, maru_error *error);

#endif
