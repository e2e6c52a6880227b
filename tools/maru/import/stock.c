/* stock.c: a catalogue file, sent to the catalogue (stock.h). */
#include "stock.h"

#include <stdio.h>

#include "file.h"
#include "goods.h"
#include "patience.h"
#include "shop/catalog.maru.h"

struct reading {
    const char          *path;
    maru_runtime        *runtime;
    maru_client         *catalog;
    struct stock_report *report;
    maru_error          *error; /* what ends it */
    maru_status          status;
    struct goods_columns columns;
    bool                 named;
    struct patience      patience;
};

static void refuse(struct reading *reading, size_t line, const char *words)
{
    reading->report->refused++;
    fprintf(stderr, "%s:%zu: %s\n", reading->path, line, words);
}

static bool stop(struct reading *reading, size_t line, maru_status status, const char *words)
{
    reading->status = maru_error_set(reading->error, status, "%s:%zu: %s", reading->path, line, words);
    return false;
}

static bool take_header(struct reading *reading, enum csv_event event, const struct csv_record *record)
{
    maru_error error;

    if (event != CSV_RECORD)
        return stop(reading, record->line, MARU_INVALID_ARGUMENT, "want a first line that names the columns");
    if (goods_columns(record, &reading->columns, &error) != MARU_OK)
        return stop(reading, record->line, error.code, error.text);
    reading->named = true;
    return true;
}

static maru_status create_once(struct reading *reading, Catalog__Product *product, size_t line, maru_error *error)
{
    Catalog__CreateProductRequest request = CATALOG__CREATE_PRODUCT_REQUEST__INIT;
    Catalog__Product             *made;
    maru_call                    *call = patience_call(&reading->patience, reading->runtime, line);
    maru_status                   status;

    if (call == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    request.product = product;
    if ((status = catalog_create_product(reading->catalog, call, &request, &made)) != MARU_OK)
        maru_error_set(error, status, "%s", maru_status_words(status, maru_call_message(call)));
    maru_call_end(call);
    return status;
}

/* False where the catalogue can't be asked; what it refuses concerns one line. */
static bool create(struct reading *reading, Catalog__Product *product, size_t line)
{
    maru_error  error;
    maru_status status;

    patience_begin(&reading->patience);
    do
        status = create_once(reading, product, line, &error);
    while (patience_again(&reading->patience, status));
    if (status == MARU_OK)
        reading->report->created++;
    else if (status == MARU_ALREADY_EXISTS)
        reading->report->existing++;
    else if (status == MARU_INVALID_ARGUMENT)
        refuse(reading, line, error.text);
    else
        return stop(reading, line, status, error.text);
    return true;
}

/* The product lives in a call that is never sent: one that is asked again is asked by another. */
static bool take_product(struct reading *reading, const struct csv_record *record)
{
    maru_call       *holder = maru_call_begin(reading->runtime, 0);
    Catalog__Product product;
    maru_error       error;
    bool             go_on = true;

    if (holder == NULL)
        return stop(reading, record->line, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (goods_read(record, &reading->columns, maru_call_arena(holder), &product, &error) != MARU_OK)
        refuse(reading, record->line, error.text);
    else
        go_on = create(reading, &product, record->line);
    maru_call_end(holder);
    return go_on;
}

static bool take(void *arg, enum csv_event event, const struct csv_record *record)
{
    struct reading *reading = arg;

    if (!reading->named)
        return take_header(reading, event, record);
    if (event == CSV_RECORD)
        return take_product(reading, record);
    refuse(reading, record->line, event == CSV_BLANK ? "want a product, got an empty line" : record->error);
    return true;
}

maru_status stock_read(const char *path, maru_runtime *runtime, maru_client *catalog, struct stock_report *report,
                       maru_error *error)
{
    struct reading reading = {.path = path, .runtime = runtime, .catalog = catalog, .report = report, .error = error};
    struct file_error unreadable;
    maru_status       status = patience_open(&reading.patience, runtime, error);

    if (status != MARU_OK)
        return status;
    if (!file_read(path, take, &reading, &unreadable))
        return reading.status != MARU_OK ? reading.status
                                         : maru_error_set(error, MARU_INVALID_ARGUMENT, "%s", unreadable.text);
    if (!reading.named)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "%s:1: want a first line that names the columns, got an empty file", path);
    return MARU_OK;
}
