/* check.c: what requests may say (check.h). */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "maru/name.h"
#include "maru/shown.h"
#include "maru/text.h"

static const char DIGITS[] = "0123456789";

maru_status check_product(const char *field, const char *name, maru_error *error)
{
    return maru_name_check(field, name, "products/", ID_MAX_CHARS, error);
}

maru_status check_new_product(const char *field, const char *name, maru_error *error)
{
    return maru_name_check_new(field, name, "products/", ID_MAX_CHARS, error);
}

maru_status check_order(const char *field, const char *name, maru_error *error)
{
    return maru_name_check(field, name, "orders/", ID_MAX_CHARS, error);
}

maru_status check_words(const char *field, const char *text, size_t least, maru_error *error)
{
    size_t   size = strlen(text), at;
    uint32_t control;

    if (size < least || size > WORDS_MAX_BYTES)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want %zu..%d bytes, got %zu", field, least,
                              WORDS_MAX_BYTES, size);
    if ((control = maru_text_control(text, "", &at)) == 0)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want no control characters, got U+%04X at byte %zu", field,
                          (unsigned)control, at);
}

maru_status check_page_size(int32_t asked, size_t *size, maru_error *error)
{
    if (asked < 0 || asked > PAGE_SIZE_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "page_size: want 0..%d, got %d", PAGE_SIZE_MAX, asked);
    *size = asked == 0 ? PAGE_SIZE_DEFAULT : (size_t)asked;
    return MARU_OK;
}

maru_status check_page_number(const char *token, uint64_t *number, maru_error *error)
{
    *number = 0;
    if (token[0] == '\0')
        return MARU_OK;
    errno = 0;
    *number = strtoull(token, NULL, 10);
    if (token[strspn(token, DIGITS)] == '\0' && token[0] != '0' && errno == 0 && *number < UINT64_MAX)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT,
                          "page_token: want the next_page_token of the page before, got \"%s\"",
                          maru_shown(token).text);
}
