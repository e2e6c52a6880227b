/* check.c: what requests may say (check.h). */
#include "check.h"

#include <stdbool.h>
#include <string.h>

static const char NAME_CHARS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

maru_status check_name(const char *field, const char *collection, const char *name, maru_error *error)
{
    size_t      prefix = strlen(collection);
    bool        right = strncmp(name, collection, prefix) == 0;
    const char *id = right ? name + prefix : name;
    size_t      size = strspn(id, NAME_CHARS);

    if (right && size >= 1 && size <= NAME_MAX_CHARS && id[size] == '\0')
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want %s and 1..%d of A-Z a-z 0-9 . _ -, got \"%.80s\"",
                          field, collection, NAME_MAX_CHARS, name);
}

/* What it says is not repeated: a payment token is nothing for a log. */
static maru_status check_printable(const char *field, const char *text, size_t least, size_t most, maru_error *error)
{
    size_t size = 0;

    while (text[size] >= ' ' && text[size] <= '~')
        size++;
    if (size >= least && size <= most && text[size] == '\0')
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want %zu..%zu printable ASCII characters, got %zu bytes%s",
                          field, least, most, strlen(text), text[size] == '\0' ? "" : " with others in them");
}

maru_status check_place(const Checkout__PlaceOrderRequest *request, maru_error *error)
{
    maru_status status = check_printable("request_id", request->request_id, 1, REQUEST_ID_MAX_CHARS, error);

    if (status == MARU_OK)
        status = check_name("quote", "quotes/", request->quote, error);
    if (status == MARU_OK)
        status = check_printable("payment_token", request->payment_token, 0, PAYMENT_TOKEN_MAX_CHARS, error);
    if (status == MARU_OK && request->customer[0] != '\0')
        status = check_name("customer", "customers/", request->customer, error);
    return status;
}

maru_status check_list(const Checkout__ListOrdersRequest *request, maru_error *error)
{
    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "page_size: want 0..%d, got %d", PAGE_SIZE_MAX,
                              request->page_size);
    return request->customer[0] == '\0' ? MARU_OK : check_name("customer", "customers/", request->customer, error);
}
