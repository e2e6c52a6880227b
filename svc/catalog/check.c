/* check.c: what a product may hold (check.h). */
#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "maru/name.h"
#include "maru/shown.h"
#include "maru/text.h"

maru_status check_name(const char *field, const char *name, maru_error *error)
{
    return maru_name_check(field, name, "products/", NAME_MAX_CHARS, error);
}

maru_status check_new_name(const char *field, const char *name, maru_error *error)
{
    return maru_name_check_new(field, name, "products/", NAME_MAX_CHARS, error);
}

static maru_status check_size(const char *field, const char *text, size_t least, size_t most, maru_error *error)
{
    size_t size = strlen(text);

    if (size >= least && size <= most)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want %zu..%zu bytes, got %zu", field, least, most, size);
}

/* Control characters of no use in text: all but those in allowed. */
static maru_status check_printable(const char *field, const char *text, const char *allowed, maru_error *error)
{
    size_t   at;
    uint32_t control = maru_text_control(text, allowed, &at);

    if (control == 0)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want no control characters, got U+%04X at byte %zu", field,
                          (unsigned)control, at);
}

static maru_status check_title(const char *field, const char *title, maru_error *error)
{
    maru_status status = check_size(field, title, 1, TITLE_MAX_BYTES, error);

    if (status == MARU_OK)
        status = check_printable(field, title, "", error);
    if (status == MARU_OK && maru_text_is_blank(title))
        status = maru_error_set(error, MARU_INVALID_ARGUMENT,
                                "%s: want some text, got only spaces or what can't be seen", field);
    return status;
}

static maru_status check_description(const char *text, maru_error *error)
{
    maru_status status = check_size("product.description", text, 0, DESCRIPTION_MAX_BYTES, error);

    return status != MARU_OK ? status : check_printable("product.description", text, "\n\t", error);
}

static bool is_currency(const char *text)
{
    return strlen(text) == 3 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

static maru_status check_money(const char *field, const Shop__Money *money, int64_t least, maru_error *error)
{
    if (money == NULL)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want a currency and minor units, got none", field);
    if (!is_currency(money->currency))
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "%s.currency: want three capital letters as GBP, got \"%s\"", field,
                              maru_shown(money->currency).text);
    if (money->minor < least || money->minor > PRICE_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s.minor: want %lld..%lld, got %lld", field,
                              (long long)least, (long long)PRICE_MAX, (long long)money->minor);
    return MARU_OK;
}

maru_status check_same_currency(const char *field, const Shop__Money *before, const Shop__Money *after,
                                maru_error *error)
{
    if (before == NULL || after == NULL || strcmp(before->currency, after->currency) == 0)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s.currency: want %s as the product's other prices, got %s",
                          field, before->currency, after->currency);
}

/* Of a price. In the last second of all there would be no room for the nanosecond after it, at which the next one
 * comes: change.c. */
static bool is_time(const Google__Protobuf__Timestamp *time)
{
    return time != NULL && time->seconds >= 0 && time->seconds < TIME_MAX && time->nanos >= 0 &&
           time->nanos < 1000000000;
}

static bool is_later(const Google__Protobuf__Timestamp *a, const Google__Protobuf__Timestamp *b)
{
    return a->seconds > b->seconds || (a->seconds == b->seconds && a->nanos > b->nanos);
}

/* One of the history's prices, and its place after the one before. */
static maru_status check_price(const Catalog__Product *product, size_t i, maru_error *error)
{
    const Catalog__Price *price = product->prices[i];
    const Catalog__Price *before = i == 0 ? NULL : product->prices[i - 1];
    char                  field[48];
    maru_status           status;

    snprintf(field, sizeof field, "product.prices[%zu].price", i);
    if ((status = check_money(field, price->price, 0, error)) != MARU_OK)
        return status;
    if (!is_time(price->since))
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "product.prices[%zu].since: want a time from 1970 to 9999-12-31T23:59:58.999999999Z", i);
    if (before == NULL)
        return MARU_OK;
    if (!is_later(price->since, before->since))
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "product.prices[%zu].since: want a time later than that of the price before", i);
    return check_same_currency(field, before->price, price->price, error);
}

static maru_status check_prices(const Catalog__Product *product, unsigned fields, maru_error *error)
{
    const Shop__Money *last;
    maru_status        status = MARU_OK;

    if (product->n_prices < 1 || product->n_prices > PRICES_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "product.prices: want 1..%d, got %zu", PRICES_MAX,
                              product->n_prices);
    for (size_t i = 0; i < product->n_prices && status == MARU_OK; i++)
        status = check_price(product, i, error);
    if (status != MARU_OK || !(fields & FIELD_PRICE))
        return status;
    last = product->prices[product->n_prices - 1]->price;
    if (strcmp(last->currency, product->price->currency) != 0 || last->minor != product->price->minor)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "product.price: want the last of prices, %s %lld, got %s %lld", last->currency,
                              (long long)last->minor, product->price->currency, (long long)product->price->minor);
    return MARU_OK;
}

static maru_status check_other_titles(const Catalog__Product *product, maru_error *error)
{
    maru_status status = MARU_OK;
    char        field[48];

    if (product->n_other_titles > OTHER_TITLES_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "product.other_titles: want at most %d, got %zu",
                              OTHER_TITLES_MAX, product->n_other_titles);
    for (size_t i = 0; i < product->n_other_titles && status == MARU_OK; i++) {
        snprintf(field, sizeof field, "product.other_titles[%zu]", i);
        status = check_title(field, product->other_titles[i], error);
    }
    return status;
}

static maru_status check_attribute(const Catalog__Product__AttributesEntry *entry, maru_error *error)
{
    char        field[24 + ATTRIBUTE_KEY_MAX_BYTES];
    maru_status status = check_size("product.attributes key", entry->key, 1, ATTRIBUTE_KEY_MAX_BYTES, error);

    if (status == MARU_OK)
        status = check_printable("product.attributes key", entry->key, "", error);
    if (status != MARU_OK)
        return status;
    snprintf(field, sizeof field, "product.attributes[%s]", entry->key);
    status = check_size(field, entry->value, 0, ATTRIBUTE_VALUE_MAX_BYTES, error);
    return status != MARU_OK ? status : check_printable(field, entry->value, "\n\t", error);
}

static maru_status check_attributes(const Catalog__Product *product, maru_error *error)
{
    maru_status status = MARU_OK;

    if (product->n_attributes > ATTRIBUTES_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "product.attributes: want at most %d, got %zu",
                              ATTRIBUTES_MAX, product->n_attributes);
    for (size_t i = 0; i < product->n_attributes && status == MARU_OK; i++)
        status = check_attribute(product->attributes[i], error);
    return status;
}

maru_status check_fields(const Catalog__Product *product, unsigned fields, maru_error *error)
{
    maru_status status = MARU_OK;

    if (fields & FIELD_TITLE)
        status = check_title("product.title", product->title, error);
    if (status == MARU_OK && fields & FIELD_DESCRIPTION)
        status = check_description(product->description, error);
    if (status == MARU_OK && fields & FIELD_PRICE)
        status = check_money("product.price", product->price, 0, error);
    if (status == MARU_OK && fields & FIELD_PRICES)
        status = check_prices(product, fields, error);
    if (status == MARU_OK && fields & FIELD_OTHER_TITLES)
        status = check_other_titles(product, error);
    if (status == MARU_OK && fields & FIELD_ATTRIBUTES)
        status = check_attributes(product, error);
    return status;
}

static maru_status check_times(const char *field, const Catalog__Sighting *seen, maru_error *error)
{
    if (seen->n_times < 1 || seen->n_times > TIMES_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s.times: want 1..%d, got %zu", field, TIMES_MAX,
                              seen->n_times);
    for (size_t i = 0; i < seen->n_times; i++) {
        if (seen->times[i] < 0 || seen->times[i] > TIME_MAX)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s.times[%zu]: want 0..%lld, got %lld", field, i,
                                  (long long)TIME_MAX, (long long)seen->times[i]);
        if (i > 0 && seen->times[i] <= seen->times[i - 1])
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s.times[%zu]: want one later than the one before",
                                  field, i);
    }
    return MARU_OK;
}

static maru_status check_sighting(const char *product, const Catalog__Sighting *seen, size_t index, maru_error *error)
{
    char        field[96];
    char        part[120];
    maru_status status;

    snprintf(field, sizeof field, "%s.seen[%zu]", product, index);
    snprintf(part, sizeof part, "%s.title", field);
    if ((status = check_title(part, seen->title, error)) != MARU_OK)
        return status;
    snprintf(part, sizeof part, "%s.price", field);
    if ((status = check_money(part, seen->price, 1, error)) != MARU_OK)
        return status;
    return check_times(field, seen, error);
}

maru_status check_sightings(const Catalog__ProductSightings *sightings, size_t index, maru_error *error)
{
    char        field[64];
    char        part[80];
    maru_status status;

    snprintf(field, sizeof field, "products[%zu]", index);
    snprintf(part, sizeof part, "%s.name", field);
    if ((status = check_name(part, sightings->name, error)) != MARU_OK)
        return status;
    if (sightings->n_seen < 1 || sightings->n_seen > SEEN_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s.seen: want 1..%d, got %zu", field, SEEN_MAX,
                              sightings->n_seen);
    for (size_t i = 0; i < sightings->n_seen && status == MARU_OK; i++)
        status = check_sighting(field, sightings->seen[i], i, error);
    return status;
}
