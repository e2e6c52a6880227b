/* check.c: what requests may say (check.h). */
#include "check.h"

#include <stdbool.h>
#include <string.h>

#include "maru/name.h"
#include "maru/shown.h"

#define TIME_MAX_S INT64_C(253402300799)

maru_status check_name(const char *field, const char *collection, const char *name, maru_error *error)
{
    return maru_name_check(field, name, collection, NAME_MAX_CHARS, error);
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

/* Of an order that is placed. */
static maru_status check_new_customer(const char *customer, maru_error *error)
{
    return customer[0] == '\0' ? MARU_OK
                               : maru_name_check_new("customer", customer, "customers/", NAME_MAX_CHARS, error);
}

static maru_status check_customer(const char *customer, maru_error *error)
{
    return customer[0] == '\0' ? MARU_OK : check_name("customer", "customers/", customer, error);
}

maru_status check_place(const Checkout__PlaceOrderRequest *request, maru_error *error)
{
    maru_status status = check_printable("request_id", request->request_id, 1, REQUEST_ID_MAX_CHARS, error);

    if (status == MARU_OK)
        status = check_name("quote", "quotes/", request->quote, error);
    if (status == MARU_OK)
        status = check_printable("payment_token", request->payment_token, 0, PAYMENT_TOKEN_MAX_CHARS, error);
    return status == MARU_OK ? check_new_customer(request->customer, error) : status;
}

/* ---- orders of the past ---- */

static maru_status check_invoice(const char *invoice, maru_error *error)
{
    return maru_name_check("invoice", invoice, "", INVOICE_MAX_CHARS, error);
}

/* To the second: a fraction of one is no time of an invoice. */
static maru_status check_time(const Google__Protobuf__Timestamp *time, maru_error *error)
{
    if (time != NULL && time->seconds >= 0 && time->seconds <= TIME_MAX_S && time->nanos == 0)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "time: want seconds since 1970, up to the year 9999");
}

static maru_status check_money(const char *field, size_t i, const Shop__Money *money, int64_t least, maru_error *error)
{
    if (money == NULL || strlen(money->currency) != 3 || strspn(money->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s[%zu]: want a price in a currency as GBP, got \"%s\"",
                              field, i, maru_shown(money == NULL ? "" : money->currency).text);
    if (money->minor < least)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s[%zu]: want a price of at least %lld, got %lld", field,
                              i, (long long)least, (long long)money->minor);
    return MARU_OK;
}

static maru_status check_title(const char *field, size_t i, const char *title, size_t least, maru_error *error)
{
    size_t size = strlen(title);

    if (size >= least && size <= TITLE_MAX_BYTES)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s[%zu].title: want %zu..%d bytes, got %zu", field, i, least,
                          TITLE_MAX_BYTES, size);
}

static maru_status check_line(size_t i, const Checkout__Line *line, size_t title_least, maru_error *error)
{
    maru_status status = check_name("lines: product", "products/", line->product, error);

    if (status == MARU_OK && (line->quantity < 1 || line->quantity > QUANTITY_MAX))
        status = maru_error_set(error, MARU_INVALID_ARGUMENT, "lines[%zu].quantity: want 1..%d, got %lld", i,
                                QUANTITY_MAX, (long long)line->quantity);
    if (status == MARU_OK)
        status = check_title("lines", i, line->title, title_least, error);
    return status == MARU_OK ? check_money("lines", i, line->price, 1, error) : status;
}

static maru_status check_lines(Checkout__Line *const *lines, size_t count, size_t title_least, maru_error *error)
{
    maru_status status = MARU_OK;

    if (count < 1 || count > LINES_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "lines: want 1..%d, got %zu", LINES_MAX, count);
    for (size_t i = 0; i < count && status == MARU_OK; i++)
        status = check_line(i, lines[i], title_least, error);
    return status;
}

static maru_status check_charges(Checkout__Charge *const *charges, size_t count, maru_error *error)
{
    maru_status status = MARU_OK;

    if (count > LINES_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "charges: want at most %d, got %zu", LINES_MAX, count);
    for (size_t i = 0; i < count && status == MARU_OK; i++) {
        status = check_title("charges", i, charges[i]->title, 1, error);
        if (status == MARU_OK)
            status = check_money("charges", i, charges[i]->amount, INT64_MIN, error);
    }
    return status;
}

maru_status check_past(const Checkout__PlacePastOrderRequest *request, maru_error *error)
{
    maru_status status = maru_name_check_new("invoice", request->invoice, "", INVOICE_MAX_CHARS, error);

    if (status == MARU_OK)
        status = check_time(request->time, error);
    if (status == MARU_OK)
        status = check_new_customer(request->customer, error);
    if (status == MARU_OK)
        status = check_lines(request->lines, request->n_lines, 1, error);
    for (size_t i = 0; i < request->n_lines && status == MARU_OK; i++) /* inventory makes what it did not know */
        status = maru_name_check_new("lines: product", request->lines[i]->product, "products/", NAME_MAX_CHARS, error);
    return status == MARU_OK ? check_charges(request->charges, request->n_charges, error) : status;
}

maru_status check_return(const Checkout__ReturnPastGoodsRequest *request, maru_error *error)
{
    maru_status status = check_invoice(request->invoice, error);

    if (status == MARU_OK)
        status = check_time(request->time, error);
    if (status == MARU_OK)
        status = check_customer(request->customer, error);
    return status == MARU_OK ? check_lines(request->lines, request->n_lines, 0, error) : status;
}

maru_status check_list(const Checkout__ListOrdersRequest *request, maru_error *error)
{
    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "page_size: want 0..%d, got %d", PAGE_SIZE_MAX,
                              request->page_size);
    return check_customer(request->customer, error);
}
